"""Rows for the tests of the store."""

import json

from bartizan.model.event import Notable, Setting, parse_event


def row(ref: str, time_ms: int = 1_000, **members: object) -> Notable:
    data: dict[str, object] = {
        "id": ref,
        "time_ms": time_ms,
        "peer": "127.0.0.1",
        "operation": "GET /users",
        "verdict": "deny",
        "enforcement": "enforced",
        "reasons": [{"code": "parse.bad-json", "stage": "parse"}],
    }
    line = json.dumps(data | members).encode()
    return Notable(parse_event(line), line, (Setting("bartizan.yaml", 7, "relax: []"),))
