"""Calls of a mounted WSGI app by plain environs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bartizan.gateway.guard import Choice
from bartizan.gateway.wsgi import WsgiMount
from tests.unit.gateway.mounted import DOCUMENT

Environ = dict[str, Any]


@dataclass(slots=True)
class Client:
    """Plays a WSGI server: keeps what is sent."""

    status: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    starts: int = 0

    def start(self, status: str, fields: list[tuple[str, str]], _info: Any = None) -> Any:
        self.starts += 1
        self.status, self.fields = int(status[:3]), dict(fields)
        return self.pieces.append

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def environ(
    method: str = "GET", path: str = "/pets/7", body: bytes = b"", **more: object
) -> Environ:
    made: Environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
        "RAW_URI": path, "REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "api.local",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
    }  # fmt: skip
    if body:
        made["CONTENT_LENGTH"] = str(len(body))
    return {**made, **more}


class Api:
    """Answers every Request alike, and remembers what reached it."""

    def __init__(
        self, status: str = "200 OK", *chunks: bytes, media: str = "application/json"
    ) -> None:
        self.status = status
        self.chunks = chunks or (b'{"name":"Rex"}',)
        self.media = media
        self.seen: list[Environ] = []
        self.bodies: list[bytes] = []
        self.closed = 0

    def __call__(self, seen: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(seen)
        self.bodies.append(seen["wsgi.input"].read())
        start(self.status, [("Content-Type", self.media)])
        return Pieces(self)


class Pieces:
    """An iterable with `close`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left = list(api.chunks)

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        return self._left.pop(0)

    def close(self) -> None:
        self._api.closed += 1


def mount(app: Any, mode: str | None = "enforce", config: Path | None = None) -> WsgiMount:
    return WsgiMount(app, Choice(config, DOCUMENT, mode))


def call(app: Any, seen: Environ) -> Client:
    client = Client()
    answer = app(seen, client.start)
    try:
        for piece in answer:
            client.pieces.append(piece)
    finally:
        answer.close()
    return client


def post(app: Any, value: object, **more: object) -> Client:
    raw = json.dumps(value).encode()
    return call(app, environ("POST", "/pets", raw, CONTENT_TYPE="application/json", **more))


def pieces_of(client: Client) -> Sequence[bytes]:
    return client.pieces
