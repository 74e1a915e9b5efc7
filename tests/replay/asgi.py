"""The ASGI mount as a driver: `protect` called in-process with scope dicts, without sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from bartizan.gateway.asgi import Mount
from bartizan.gateway.drain import Drain
from bartizan.gateway.guard import Guard
from bartizan.gateway.protect import protect
from tests.replay.rows import Row
from tests.replay.world import World

Event = dict[str, Any]


class Taken:
    """Stands where Events go; keeps them all."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def take(self, line: bytes, *, is_notable: bool) -> None:
        """One closing Event."""
        self.lines.append(line)

    def stop(self) -> None:
        """Nothing waits."""


class Recorded:
    """An app that answers as the capture recorded; it must not be reached unless it did."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        while (await receive()).get("more_body"):
            pass
        fields = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in self.answer["fields"]]
        start = {"type": "http.response.start", "status": self.answer["status"], "headers": fields}
        await send(start)
        await send({"type": "http.response.body", "body": body_of(self.answer.get("body"))})


def body_of(body: Any) -> bytes:
    """The bytes of a captured body."""
    if not isinstance(body, dict):
        return b""
    return base64.b64decode(body["base64"]) if "base64" in body else str(body["text"]).encode()


def scope_of(capture: dict[str, Any]) -> dict[str, Any]:
    """A capture as a server would hand it on."""
    request = capture["request"]
    raw, _, query = request["target"].partition("?")
    fields = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in request["fields"]]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": request["method"], "path": raw, "raw_path": raw.encode("latin-1"),
        "query_string": query.encode("latin-1"), "headers": fields, "root_path": "",
        "client": (capture["peer"], 50000), "server": ("127.0.0.1", 80),
    }  # fmt: skip


def play(world: World, rows: Sequence[Row], now_ms: int) -> Iterator[tuple[Row, Event]]:
    """Every row through `protect`; the clock is the machine's."""
    app, taken = Recorded(), Taken()
    mount = protect(app, config=world.folder / "bartizan.yaml", openapi=world.openapi)
    opened = mount._open()
    assert opened is not None
    guards: dict[str, Guard] = {}
    for row in rows:
        if row.group not in guards:
            live = world.live(now_ms)
            guards[row.group] = replace(opened, live=live, drain=cast("Drain", taken))
        mount._guard = guards[row.group]
        app.answer = row.capture.get("response", {})
        asyncio.run(_call(mount, row.capture))
        yield row, json.loads(taken.lines.pop())
        assert not taken.lines


async def _call(mount: Mount, capture: dict[str, Any]) -> None:
    body = body_of(capture["request"]["body"])
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        assert message["type"].startswith("http.response.")

    await mount(cast("Any", scope_of(capture)), cast("Any", receive), cast("Any", send))
