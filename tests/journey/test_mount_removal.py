"""Taking `protect` out again leaves the app as it was: no patch, no setting, no file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journey.mounted_apps import APPS, source

# What an app, its class and its process look like, before the guard and after traffic through it.
PROBE = """
import asyncio, builtins, importlib, io, json, os, sys, types

def shape(one):
    kinds = (types.FunctionType, types.BuiltinFunctionType, type, property)
    own = vars(one) if hasattr(one, "__dict__") else {}
    return {"of": {k: id(v) for k, v in vars(type(one)).items() if isinstance(v, kinds)},
            "own": sorted(own)}

def state(app):
    web = [m for n, m in sys.modules.items() if n.split(".")[0] in WEB and m is not None]
    patched = {(m.__name__, k): id(v) for m in web for k, v in list(vars(m).items())
               if isinstance(v, (types.FunctionType, type))}
    return shape(app), patched, dict(os.environ), sorted(sys.meta_path, key=id) == sys.meta_path

WEB = ("flask", "werkzeug", "django", "starlette", "fastapi", "quart", "litestar", "wsgiref")
import bartizan
kept = []
bartizan.protect = lambda app, **more: kept.append(app) or app
importlib.import_module("app")
app = kept[0]
from tests.property.trees import called
from tests.property.trees.tree import Probe
loop = asyncio.new_event_loop()
def talk(one):
    for path in ("/orders/7", "/nothing"):
        probe = Probe("GET", path)
        IS_ASGI and called.asgi(one, probe, loop) or not IS_ASGI and called.wsgi(one, probe)
talk(app)
before = state(app)
from bartizan.gateway.protect import protect
talk(protect(app, mode="enforce"))
after = state(app)
grown = {k for k in after[1] if k not in before[1]}
changed = [k for k in before[1] if after[1].get(k) != before[1][k]]
print(json.dumps({"shape": before[0] == after[0], "changed": changed,
                  "environ": before[2] == after[2], "meta": before[3] == after[3]}))
"""


@pytest.mark.parametrize("name", APPS)
def test_nothing_of_the_guard_is_left_in_the_app(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.py").write_text(source(name))
    probe = f"IS_ASGI = {name not in {'flask', 'django-wsgi'}}\n{PROBE}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", probe],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), *sys.path)),
             "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"shape": True, "changed": [], "environ": True, "meta": True}, done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["app.py"]
