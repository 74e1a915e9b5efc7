"""Honest use of LoopBack's to-do list."""

from __future__ import annotations

import json
from urllib.parse import quote

from tests.real.steps import Step, send_json


def _get(target: str) -> Step:
    return Step("GET", target)


def _where(data: object) -> str:
    return quote(json.dumps(data))


def _filter(data: object) -> Step:
    return _get(f"/todos?filter={_where(data)}")


_MAKE = tuple(
    send_json("POST", "/todos", {"title": title, "desc": f"about {title}"}, **{f"id{n}": "id"})
    for n, title in enumerate(("walk", "cook", "read, then sleep", "größe — ünïcode"), start=1)
)
_READ = (
    _get("/todos/count"),
    _get(f"/todos/count?where={_where({'title': 'walk'})}"),
    _get("/todos"),
    *(_get(f"/todos/$id{n}") for n in range(1, 5)),
    Step("HEAD", "/todos/$id1"),
    _get(f"/todos/$id1?filter={_where({'fields': {'title': True}})}"),
    _filter({"limit": 2}),
    _filter({"limit": 2, "offset": 1, "order": ["title DESC"]}),
    _filter({"where": {"title": "cook"}}),
    _filter({"where": {"or": [{"title": "cook"}, {"title": "walk"}]}}),
    _filter({"fields": {"id": True, "title": True}}),
    _filter({"where": {"title": {"like": "read%"}}}),
    _get("/todos?filter[limit]=1"),
    _get("/todos?filter[where][title]=walk"),
    _get("/todos/9999"),
)
_CHANGE = (
    send_json("PATCH", "/todos/$id1", {"isComplete": True}),
    _get("/todos/$id1"),
    send_json("PUT", "/todos/$id2", {"title": "bake", "desc": "bread", "isComplete": False}),
    _get("/todos/$id2"),
    send_json("PATCH", f"/todos?where={_where({'title': 'bake'})}", {"desc": "rye bread"}),
    _get("/todos/$id2"),
    send_json("PATCH", "/todos", {"isComplete": True}),
    _filter({"where": {"isComplete": True}}),
    send_json("POST", "/todos", {"title": "", "desc": ""}),
    send_json("POST", "/todos", {"desc": "without a title"}),
    send_json("POST", "/todos", {"title": 5}),
    send_json("POST", "/todos", {"title": "odd", "colour": "blue"}),
    send_json("PATCH", "/todos/9999", {"title": "nobody"}),
    send_json("PUT", "/todos/9999", {"title": "nobody"}),
    Step("POST", "/todos", b"{broken", (("content-type", "application/json"),)),
    Step("POST", "/todos", b"title=x", (("content-type", "text/plain"),)),
    _get("/todos/not-a-number"),
)
_REMOVE = (
    Step("DELETE", "/todos/$id3"),
    _get("/todos/$id3"),
    Step("DELETE", "/todos/$id3"),
    Step("DELETE", "/todos/$id4"),
    _get("/todos/count"),
    _get("/todos"),
)
_AROUND = (
    Step("GET", "/ping"),
    Step("GET", "/nowhere"),
    Step("DELETE", "/todos"),
    Step(
        "OPTIONS",
        "/todos",
        fields=(
            ("origin", "http://app.test"),
            ("access-control-request-method", "POST"),
        ),
    ),
    Step("GET", "/todos/count", fields=(("origin", "http://app.test"),)),
)
STEPS = _MAKE + _READ + _CHANGE + _REMOVE + _AROUND
