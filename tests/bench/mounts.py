"""What the ASGI mount adds to a FastAPI request, beside middleware that does less.

The apps run in the bench environment, in a process each (`asgi_app.py`), called without a socket.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.api import document
from tests.bench.peers import BENCH_VENV, ROOT
from tests.bench.report import Table
from tests.bench.tokens import Issuer

ROUNDS = 5
PATIENCE_S = 120
WHAT = {
    "plain": "FastAPI alone",
    "slowapi": "slowapi: one limit",
    "pyjwt": "PyJWT dependency: RS256 verified for each request",
    "fastapi-guard": "fastapi-guard: limit and request checks, payload scan off",
    "protect": "bartizan.protect: token, limit, schema, shape",
}


def cost_us(kind: str, folder: Path, token: str) -> float:
    """CPU microseconds per request of one app, in a process of its own."""
    command = [str(BENCH_VENV / "bin" / "python"), "-m", "tests.bench.asgi_app", kind, token]
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
    """All apps in interleaved rounds; the best of each, as noise only adds."""
    issuer = Issuer.fresh()
    costs: dict[str, list[float]] = {kind: [] for kind in WHAT}
    with tempfile.TemporaryDirectory(prefix="bartizan-bench-") as name:
        folder = Path(name)
        (folder / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
        (folder / "issuer.pem").write_bytes(issuer.public_pem())
        (folder / "openapi.json").write_text(json.dumps(document(checked=True)), encoding="utf-8")
        token = issuer.access_token(now_s)
        for number in range(ROUNDS):
            for kind in WHAT:
                costs[kind].append(cost_us(kind, folder, token))
                say(f"    round {number + 1}/{ROUNDS}  {kind:14} {costs[kind][-1]:7.1f} us")
    plain = min(costs["plain"])
    rows = [
        [WHAT[kind], f"{min(seen):.0f}", f"{min(seen) - plain:+.0f}"]
        for kind, seen in costs.items()
    ]
    return [Table("ASGI mount", ["app", "CPU us per GET, best round", "added"], rows)]
