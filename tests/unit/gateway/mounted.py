"""A small API, its document, and calls of a mounted app by plain ASGI dicts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bartizan.gateway.asgi import Mount
from bartizan.gateway.guard import Choice, Guard, compile_guard
from bartizan.gateway.messages import App, Message, Receive, Scope, Send

PET = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 20}},
}
DONE = {"description": "done"}
SEEN = {"type": "object", "properties": {"name": {"type": "string"}}}
JSON_SEEN = {"application/json": {"schema": SEEN}}
JSON_PET = {"application/json": {"schema": PET}}
DOCUMENT: dict[str, object] = {
    "openapi": "3.1.0",
    "info": {"title": "pets", "version": "1"},
    "paths": {
        "/pets": {
            "post": {
                "requestBody": {"required": True, "content": JSON_PET},
                "responses": {"201": DONE},
            }
        },
        "/pets/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
            ],
            "get": {"responses": {"200": {"description": "one", "content": JSON_SEEN}}},
        },
        "/files": {
            "put": {
                "requestBody": {"content": {"application/octet-stream": {}}},
                "responses": {"200": DONE},
            },
            "get": {"responses": {"200": DONE}},
        },
        "/live": {"get": {"responses": {"101": DONE}}},
    },
}


@dataclass(slots=True)
class Server:
    """Plays an ASGI server: gives `incoming`, keeps what is sent."""

    incoming: list[Message] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    fails: bool = False

    async def receive(self) -> Message:
        await asyncio.sleep(0)
        return self.incoming.pop(0) if self.incoming else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.fails:
            raise OSError("the client is gone")
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(one["body"] for one in self.sent if one["type"] == "http.response.body")

    @property
    def fields(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def scope(
    method: str = "GET",
    path: str = "/pets/7",
    fields: Sequence[tuple[bytes, bytes]] = (),
    **more: object,
) -> Scope:
    made: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"api.local"), *fields],
        "client": ("192.0.2.7", 40_000),
        "server": ("127.0.0.1", 80),
    }
    return {**made, **more}


def body(*pieces: bytes) -> list[Message]:
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": number < last}
        for number, piece in enumerate(pieces)
    ]


def json_fields(length: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]


class Api:
    """Answers every Request alike, and remembers what reached it."""

    def __init__(
        self, status: int = 200, *chunks: bytes, media: bytes = b"application/json"
    ) -> None:
        self.status = status
        self.chunks = chunks or (b'{"name":"Rex"}',)
        self.media = media
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.has_left = False

    async def __call__(self, seen: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(seen)
        self.bodies.append(b"".join([piece async for piece in self._pieces(receive)]))
        headers = [(b"content-type", self.media)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for number, chunk in enumerate(self.chunks):
            more = number < len(self.chunks) - 1
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

    async def _pieces(self, receive: Receive) -> AsyncIterator[bytes]:
        while (message := await receive())["type"] == "http.request":
            yield message["body"]
            if not message["more_body"]:
                return
        self.has_left = True


def guard(
    mode: str = "enforce",
    config: Path | None = None,
    document: dict[str, object] | None = None,
) -> Guard:
    choice = Choice(config, document or DOCUMENT, mode)
    return compile_guard(choice, None, {}, lambda _: None)


def mount(app: App, mode: str | None = "enforce", config: Path | None = None) -> Mount:
    return Mount(app, Choice(config, DOCUMENT, mode))


def call(app: App, seen: Scope, *incoming: Message, fails: bool = False) -> Server:
    server = Server(list(incoming) or body(b""), fails=fails)
    asyncio.run(run(app, seen, server))
    return server


async def run(app: App, seen: Scope, server: Server) -> None:
    await app(seen, server.receive, server.send)


def post(app: App, value: object) -> Server:
    raw = json.dumps(value).encode()
    return call(app, scope("POST", "/pets", json_fields(len(raw))), *body(raw))
