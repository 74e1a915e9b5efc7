"""`owns` in every framework under a real server: real keys, both sides, `explain`."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from bartizan import _core
from tests.journey.api import until
from tests.journey.guard import bartizan
from tests.journey.test_mounts import served
from tests.unit.gateway.owned_apps import APPS

PEPPER = "a pepper that is long enough"
KEYS = {"alice": [], "bob": [], "staff": ["orders:any"]}
SERVERS = {
    "flask": "gunicorn", "django": "gunicorn", "django-rest": "waitress", "fastapi": "uvicorn",
    "starlette": "hypercorn", "quart": "hypercorn", "litestar": "uvicorn",
    "django-asgi-slow": "uvicorn",
}  # fmt: skip
MODULE = """
from tests.unit.gateway.owned_apps import APPS
app = APPS["{name}"][0](mode=None)
"""


def config(mode: str) -> str:
    keys = [
        {"id": one, "digest": _core.hash_api_key(PEPPER.encode(), one.encode()), "scopes": scopes}
        for one, scopes in KEYS.items()
    ]
    auth = {"require": "always", "api_keys": {"pepper": PEPPER, "keys": keys}}
    return json.dumps({"mode": mode, "state": ".bartizan", "auth": auth})


def ask(client: httpx.Client, path: str, key: str) -> httpx.Response:
    return client.get(path, headers={"x-api-key": key, "x-bartizan-principal": "bob"})


@pytest.mark.parametrize(("name", "server"), SERVERS.items())
def test_each_reaches_what_is_its_own_and_no_more(tmp_path: Path, name: str, server: str) -> None:
    path = APPS[name][1]
    with served(tmp_path, MODULE.format(name=name), server, config("enforce")) as it:
        assert ask(it.client, f"{path}/7", "alice").json() == {"number": 7}
        assert ask(it.client, f"{path}/8", "bob").json() == {"number": 8}
        assert ask(it.client, f"{path}/8", "staff").json() == {"number": 8}
        refused = ask(it.client, f"{path}/8", "alice")
        assert refused.status_code == 404
        assert ask(it.client, f"{path}/9", "alice").status_code == 404
        assert ask(it.client, f"{path}/8", "eve").status_code == 401
        assert ask(it.client, f"{path}/0", "alice").status_code == 503
        told = refused.json()
        told = next((one for one in told.values() if isinstance(one, dict)), told)
        explained = until(lambda: _explained(tmp_path, told["reference"]), 40, "the Event")
    assert explained["rule"]["rule"] == "authorize.foreign-object"
    assert explained["decision"]["verdict"] == "deny"
    assert explained["setting"]["file"].endswith("owned_apps.py")
    assert explained["setting"]["text"].startswith('RULE: Any = owns("order", "number"')
    assert explained["place"]["field"] == "path:number"
    assert explained["caller"]["principal"].startswith("alice")
    assert "correct the declaration" in explained["choices"]["code"]


def _explained(folder: Path, reference: str) -> dict[str, dict[str, str]] | None:
    done = bartizan(folder, "explain", reference, "--json")
    fields: dict[str, dict[str, str]] | None = None
    if done.returncode == 0:
        fields = json.loads(done.stdout)["fields"]
    return fields


def _reported(folder: Path) -> dict[str, dict[str, int]] | None:
    done = bartizan(folder, "report", "--json")
    lines = json.loads(done.stdout)["lines"] if done.stdout else []
    return {line["code"]: line for line in lines} or None


def test_in_shadow_everything_passes_and_the_report_tells_what_would_not(tmp_path: Path) -> None:
    with served(tmp_path, MODULE.format(name="fastapi"), "uvicorn", config("shadow")) as it:
        assert ask(it.client, "/orders/8", "alice").json() == {"number": 8}
        assert ask(it.client, "/orders/7", "alice").json() == {"number": 7}
        lines = until(lambda: _reported(tmp_path), 40, "the report")
    assert lines["authorize.foreign-object"]["would_be_refused"] == 1
    assert lines["authorize.foreign-object"]["refused"] == 0
