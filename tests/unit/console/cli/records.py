"""A state directory with recorded Events."""

import json
from collections.abc import Sequence
from pathlib import Path

from bartizan.model.event import Notable, Setting, parse_event
from bartizan.store.ports import Totals
from bartizan.store.sql import FILE, SqlNotables

REF = "0123456789abcdef"


def line(ref: str = REF, time_ms: int = 1_000, **members: object) -> bytes:
    reason = {
        "code": "inspect.body-schema",
        "stage": "inspect",
        "in": "body",
        "pointer": "/email",
        "expected": "an email address",
        "document": 1,
        "source": "/x",
        "standing": "shadow",
    }
    data: dict[str, object] = {
        "id": ref,
        "time_ms": time_ms,
        "policy": "aa" * 8,
        "peer": "127.0.0.1",
        "method": "POST",
        "path": "/users",
        "operation": "POST /users",
        "verdict": "deny",
        "enforcement": "shadow",
        "status": 201,
        "upstream_status": 201,
        "decided_status": 422,
        "duration_us": 1500,
        "reasons": [reason],
    }
    return json.dumps(data | members).encode()


def record(state: Path, *lines: bytes, operations: Sequence[str] = ()) -> None:
    """operations: those of the Policy in force; none = nobody told."""
    store = SqlNotables(state / FILE)
    store.know(operations)
    setting = (Setting("openapi.json", 12, '"post": {'),)
    rows = [Notable(parse_event(own), own, setting) for own in lines]
    store.keep(rows, Totals(delivered=100, lost=2))
    store.close()
