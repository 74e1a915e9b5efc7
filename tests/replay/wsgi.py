"""The WSGI mount as a driver: `protect` called in-process with environs, without sockets."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from bartizan.gateway.drain import Drain
from bartizan.gateway.guard import Guard
from bartizan.gateway.protect import protect
from bartizan.gateway.wsgi import WsgiMount
from tests.replay.asgi import Taken, body_of
from tests.replay.rows import Row
from tests.replay.world import World

Event = dict[str, Any]


class Recorded:
    """An app that answers as the capture recorded; it must not be reached unless it did."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        environ["wsgi.input"].read()
        fields = [(name, value) for name, value in self.answer["fields"]]
        start_response(f"{self.answer['status']} Recorded", fields)
        return [body_of(self.answer.get("body"))]


def environ_of(capture: dict[str, Any]) -> dict[str, Any]:
    """A capture as a server would hand it on."""
    request = capture["request"]
    raw, _, query = request["target"].partition("?")
    body = body_of(request["body"])
    environ = {
        "REQUEST_METHOD": request["method"], "SCRIPT_NAME": "", "QUERY_STRING": query,
        "PATH_INFO": unquote_to_bytes(raw.encode("latin-1")).decode("latin-1"),
        "RAW_URI": request["target"], "REMOTE_ADDR": capture["peer"],
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in request["fields"]:
        key = name.upper().replace("-", "_")
        is_own = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        environ[key if is_own else f"HTTP_{key}"] = value
    return environ


def play(world: World, rows: Sequence[Row], now_ms: int) -> Iterator[tuple[Row, Event]]:
    """Every row through `protect`; the clock is the machine's."""
    app, taken = Recorded(), Taken()
    mount = cast("WsgiMount", protect(
        app, config=world.folder / "bartizan.yaml", openapi=world.openapi
    ))  # fmt: skip
    opened = mount._open()
    assert opened is not None
    guards: dict[str, Guard] = {}
    for row in rows:
        if row.group not in guards:
            live = world.live(now_ms)
            guards[row.group] = replace(opened, live=live, drain=cast("Drain", taken))
        mount._guard = guards[row.group]
        app.answer = row.capture.get("response", {})
        _call(mount, row.capture)
        yield row, json.loads(taken.lines.pop())
        assert not taken.lines


def _call(mount: WsgiMount, capture: dict[str, Any]) -> None:
    started: list[str] = []

    def start_response(status: str, _fields: Any, _info: Any = None) -> Callable[[bytes], None]:
        started.append(status)
        return lambda _data: None

    answer = mount(environ_of(capture), start_response)
    try:
        for _ in answer:
            assert started
    finally:
        cast("Any", answer).close()
    assert len(started) == 1
