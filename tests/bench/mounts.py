"""What a mount adds to a request of FastAPI, Flask and Django, beside middleware that does less.

The apps run in the bench environment, in a process each (`asgi_app.py`, `wsgi_app.py`), called
without a socket.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench.api import document
from tests.bench.peers import BENCH_VENV, ROOT
from tests.bench.report import Table
from tests.bench.tokens import Issuer

ROUNDS = 5
PATIENCE_S = 120
FASTAPI = {
    "plain": "FastAPI alone",
    "slowapi": "slowapi: one limit",
    "pyjwt": "PyJWT dependency: RS256 verified for each request",
    "fastapi-guard": "fastapi-guard: limit and request checks, payload scan off",
    "protect": "bartizan.protect: token, limit, schema, shape",
}
FLASK = {
    "flask": "Flask alone",
    "flask-limiter": "flask-limiter: one limit",
    "flask-protect": "bartizan.protect: token, limit, schema, shape",
}
DJANGO = {
    "django": "Django alone",
    "django-ratelimit": "django-ratelimit: one limit",
    "django-protect": "bartizan.protect: token, limit, schema, shape",
}
GROUPS = (
    ("FastAPI, ASGI", "asgi_app", FASTAPI),
    ("Flask, WSGI", "wsgi_app", FLASK),
    ("Django, WSGI", "wsgi_app", DJANGO),
)


def cost_us(module: str, kind: str, folder: Path, token: str) -> float:
    """CPU microseconds per request of one app, in a process of its own."""
    python = str(BENCH_VENV / "bin" / "python")
    command = [python, "-m", f"tests.bench.{module}", kind, token]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
        "BENCH_FOLDER": str(folder),
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_S,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return float(json.loads(done.stdout.strip().splitlines()[-1])["us"])


def run(*, now_s: int, say: Callable[[str], None]) -> list[Table]:
    """One table for each framework."""
    issuer = Issuer.fresh()
    with tempfile.TemporaryDirectory(prefix="bartizan-bench-") as name:
        folder = Path(name)
        (folder / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
        (folder / "issuer.pem").write_bytes(issuer.public_pem())
        (folder / "openapi.json").write_text(json.dumps(document(checked=True)), encoding="utf-8")
        token = issuer.access_token(now_s)
        return [
            table(title, what, partial(cost_us, module, folder=folder, token=token), say)
            for title, module, what in GROUPS
        ]


def table(
    title: str, what: dict[str, str], cost: Callable[..., float], say: Callable[[str], None]
) -> Table:
    """All apps of one framework in interleaved rounds; the best of each, as noise only adds."""
    costs: dict[str, list[float]] = {kind: [] for kind in what}
    for number in range(ROUNDS):
        for kind in what:
            costs[kind].append(cost(kind))
            say(f"    round {number + 1}/{ROUNDS}  {kind:16} {costs[kind][-1]:7.1f} us")
    alone = min(next(iter(costs.values())))
    rows = [
        [what[kind], f"{min(seen):.0f}", f"{min(seen) - alone:+.0f}"]
        for kind, seen in costs.items()
    ]
    return Table(f"Mount: {title}", ["app", "CPU us per GET, best round", "added"], rows)
