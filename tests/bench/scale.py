"""Cost with 10 and with 10,000 operations; memory idle, under load and with a full limit table."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bartizan import _core
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.sources import read
from tests.bench import ours
from tests.bench.api import READ, document
from tests.bench.gateway import upstream
from tests.bench.load import Call, drive
from tests.bench.measure import Row, one_round
from tests.bench.processes import memory_kib
from tests.bench.report import Table
from tests.bench.subjects import Bench, Subject

GOAL_RATIO = 1.5
PRINCIPALS = 1_000_000
SLOT_BYTES = 32
SLOTS = 1_048_576
# So few that they take no memory to speak of.
FEW_SLOTS = 1_024
# A window that warms up, one long enough to meet a million callers, and what else may grow
# meanwhile.
WARM_UP_S = 2
TABLE_WINDOW_S = 60
SLACK_MIB = 16
SETTLE_S = 1.0
MOMENT_MS = 1_764_000_000_000


def many_operations(count: int) -> dict[str, Any]:
    """The bench document with sibling resources, `count` operations in all."""
    whole = document(checked=False)
    paths = whole["paths"]
    nothing = {"responses": {"default": {"description": "anything"}}}
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    for number in range(count - len(paths)):
        item = {"parameters": [identifier], "get": nothing}
        paths[f"/v1/area-{number % 97}/kind-{number}/{{id}}"] = item
    return whole


def operations(
    bench: Bench, *, rounds: int, seconds: int, say: Callable[[str], None]
) -> list[list[str]]:
    """CPU per request as the number of operations grows, in interleaved rounds."""
    counts = (10, 10_000)
    rows = {count: Row(Subject(f"{count} operations", "", Call(READ))) for count in counts}
    with (
        ours.start(bench, "few", many_operations(counts[0]), ours.UNSHAPED) as few,
        ours.start(bench, "many", many_operations(counts[1]), ours.UNSHAPED) as many,
    ):
        for number in range(rounds):
            for count, door in ((counts[0], few), (counts[1], many)):
                one_round(rows[count], door, bench, seconds)
                cost = rows[count].cost_us[-1]
                say(f"    round {number + 1}/{rounds}  {count} operations {cost:7.1f} us")
    few_us, many_us = (rows[count].median for count in counts)
    met = "met" if many_us <= GOAL_RATIO * few_us else "missed"
    return [
        ["10 operations, us/request", f"{few_us:.1f}", "", ""],
        ["10,000 operations, us/request", f"{many_us:.1f}", "", ""],
        ["ratio", f"{many_us / few_us:.2f}x", f"{GOAL_RATIO}x", met],
    ]


def memory(bench: Bench, seconds: int) -> list[list[str]]:
    """Resident memory of all processes with everything on: idle, after load."""
    with ours.everything(bench) as door:
        time.sleep(SETTLE_S)
        idle = memory_kib(door.pid)
        seen = []
        for _ in range(3):
            drive(bench.read(signed=True), door.port, seconds, bench.folder)
            seen.append(memory_kib(door.pid))
    return [
        ["resident idle, gateway and control, MiB", f"{idle / 1024:.0f}", "", ""],
        ["resident after load, MiB", f"{statistics.median(seen) / 1024:.0f}", "", ""],
    ]


ADDRESSES = """
local last = 0
request = function()
  last = last + 1
  local address = string.format("10.%d.%d.%d", last / 65536 % 256, last / 256 % 256, last % 256)
  return wrk.format("GET", nil, { ["X-Forwarded-For"] = address })
end
"""


def limited(slots: int) -> str:
    """A limit for each address, in a table of this size."""
    return f"""
trusted_proxies: [127.0.0.0/8]
limits: {{ per: address, rate: 100000/hour }}
limit_table: {{ slots: {slots} }}
{ours.UNSHAPED}
"""


def limit_table(bench: Bench, say: Callable[[str], None]) -> list[list[str]]:
    """Memory without a table to speak of, and with one that a million callers have filled."""
    document = ours.bare_document(signed=False)
    with ours.start(bench, "no-table", document, limited(FEW_SLOTS)) as door:
        drive(Call(READ), door.port, WARM_UP_S, bench.folder)
        without = memory_kib(door.pid)
    with ours.start(bench, "table", document, limited(SLOTS)) as door:
        load = drive(Call(READ, extra=ADDRESSES), door.port, TABLE_WINDOW_S, bench.folder)
        say(f"    {load.requests} callers")
        full = memory_kib(door.pid)
    what = f"gateway and control, {load.good:,} callers counted by address"
    return table_rows(what, without, full, is_full=load.good >= PRINCIPALS)


def table_rows(what: str, without: int, full: int, *, is_full: bool) -> list[list[str]]:
    """Resident memory in KiB without and with the full table, beside what the table may take."""
    room = SLOTS * SLOT_BYTES / 2**20
    most = without / 1024 + room + SLACK_MIB
    verdict = "met" if is_full and full / 1024 <= most else "missed"
    return [
        [f"{what}: resident without the limit table, MiB", f"{without / 1024:.0f}", "", ""],
        [f"the same with a full table of {SLOTS:,} slots ({room:.0f} MiB at most), MiB",
         f"{full / 1024:.0f}", f"{most:.0f}", verdict],
    ]  # fmt: skip


def principals() -> list[list[str]]:
    """Memory of the core before its limit table is made and once a million Principals fill it.

    Captures that hold the Principal as a fact are replayed in this process: the same limit table
    and the same code as in the gateway, without a million signatures and without sockets.
    """
    policy = _core.Policy.load(_limited_form())
    without = memory_kib(os.getpid())
    live = _core.Live(policy, bytes(range(16)))
    head = {"method": "GET", "target": READ, "fields": [["host", "api.test"]]}
    allowed = 0
    for number in range(PRINCIPALS):
        principal = {"kind": "token", "issuer": "idp", "subject": f"user-{number}"}
        capture: dict[str, Any] = {"time_ms": MOMENT_MS, "request": head, "principal": principal}
        capture["response"] = {"status": 200}
        event, _body, _fields = _core.replay(policy, live, json.dumps(capture).encode())
        allowed += b'"verdict":"allow"' in event
    full = memory_kib(os.getpid())
    what = f"the core in one process, {allowed:,} principals replayed as facts"
    return table_rows(what, without, full, is_full=allowed == PRINCIPALS)


def _limited_form() -> bytes:
    settings = {
        "upstream": "http://127.0.0.1:1",
        "mode": "enforce",
        "limits": {"per": "principal", "rate": "100000/hour"},
        "limit_table": {"slots": SLOTS},
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "bartizan.yaml")
        config.write_text(json.dumps(settings), encoding="utf-8")
        text = json.dumps(ours.bare_document(signed=False)).encode()
        description = read("openapi.json", lambda _name: text)
        return compile_policy(load(config, overrides=Overrides(), environ={}), description).form


def run(*, rounds: int, seconds: int, say: Callable[[str], None]) -> list[Table]:
    """Both parts."""
    with upstream() as bench:
        rows = operations(bench, rounds=rounds, seconds=seconds, say=say)
        rows += memory(bench, seconds)
        rows += limit_table(bench, say)
    rows += principals()
    return [Table("Scale and memory", ["what", "value", "goal", ""], rows)]
