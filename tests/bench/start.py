"""How long a person waits: `bartizan version`, and `bartizan check` of 500 operations."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.api import document
from tests.bench.ours import COMMAND
from tests.bench.report import Table

TRIES = 15
VERSION_GOAL_MS, CHECK_GOAL_MS, MOUNT_GOAL_MS = 60, 500, 30
SERVER = "import asyncio, dataclasses, pathlib, urllib.parse"
OPERATIONS = 500
DONT_KEEP = "PYTHONDONTWRITEBYTECODE"


def milliseconds(command: Sequence[str | Path], folder: Path) -> float:
    """Median wall-clock time of the command, after one warm run.

    Bytecode is kept, as pip compiles it for everybody who installs: a machine may forbid it.
    """
    environment = {name: text for name, text in os.environ.items() if name != DONT_KEEP}
    words, times = [str(word) for word in command], []
    for _ in range(TRIES + 1):
        started = time.perf_counter()
        subprocess.run(words, cwd=folder, check=True, capture_output=True, env=environment)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times[1:])


def big_document() -> str:
    """500 operations, each with parameters, a body and a response with schemas."""
    whole = document(checked=True)
    read = whole["paths"]["/v1/orders/{order_id}"]["get"]
    write = whole["paths"]["/v1/orders"]["post"]
    for number in range((OPERATIONS - 3) // 2 + 1):
        whole["paths"][f"/v1/kind-{number}/{{order_id}}"] = {"get": read}
        whole["paths"][f"/v1/kind-{number}"] = {"post": write}
    return json.dumps(whole, indent=2)


def run(say: Callable[[str], None]) -> list[Table]:
    """Both commands, and the mount, beside bare Python."""
    with tempfile.TemporaryDirectory(prefix="bartizan-bench-") as name:
        folder = Path(name)
        (folder / "openapi.json").write_text(big_document(), encoding="utf-8")
        config = "upstream: http://127.0.0.1:8000\nopenapi: openapi.json\n"
        issuer = "auth: { issuers: [{ issuer: 'https://id.example', audiences: [api] }] }\n"
        (folder / "bartizan.yaml").write_text(config + issuer, encoding="utf-8")
        bare = milliseconds([sys.executable, "-c", "pass"], folder)
        say(f"    bare Python {bare:.0f} ms")
        version = milliseconds([COMMAND, "version"], folder)
        say(f"    bartizan version {version:.0f} ms")
        check = milliseconds([COMMAND, "check", "--config", "bartizan.yaml"], folder)
        say(f"    bartizan check {check:.0f} ms")
        server = milliseconds([sys.executable, "-c", SERVER], folder)
        mount = milliseconds(
            [sys.executable, "-c", f"{SERVER}; import bartizan; bartizan.protect"], folder
        )
        say(f"    import of the mount {mount - server:.0f} ms")
    added = version - bare
    rows = [
        ["bare Python", f"{bare:.0f}", "", ""],
        row("`bartizan version` above bare Python", added, VERSION_GOAL_MS),
        row(f"`bartizan check`, {OPERATIONS} operations", check, CHECK_GOAL_MS),
        row("import of `protect` beside what a server has loaded", mount - server, MOUNT_GOAL_MS),
    ]
    return [Table("Start", ["what", "median ms", "goal ms", ""], rows)]


def row(what: str, value: float, goal: int) -> list[str]:
    """One row with its goal."""
    return [what, f"{value:.0f}", str(goal), "met" if value <= goal else "missed"]
