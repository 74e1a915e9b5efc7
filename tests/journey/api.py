"""The API behind the gateway in these journeys: its document, and a raw server that plays it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE_S = 15.0
JSON = "application/json"


def _answers(schema: object) -> dict[str, Any]:
    return {"200": {"description": "ok", "content": {JSON: {"schema": schema}}}}


_ITEM = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 20}, "price": {"type": "number"}},
    "additionalProperties": False,
}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_KIND = {"name": "kind", "in": "path", "required": True, "schema": {"type": "string"}}
_ANY: dict[str, Any] = {"default": {"description": "anything"}}
_BYTES: dict[str, Any] = {"content": {"application/octet-stream": {}}}
_TEXT = {"required": False, "content": {"text/plain": {"schema": {"type": "string"}}}}


def document(**more: Any) -> dict[str, Any]:
    """The OpenAPI document: items with a schema, streams, and odd answers."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "journey", "version": "1"},
        "paths": {
            "/items/{id}": {"get": {"parameters": [_ID], "responses": _answers(_ITEM)}},
            "/items": {
                "post": {
                    "requestBody": {"required": True, "content": {JSON: {"schema": _ITEM}}},
                    "responses": _answers(_ITEM),
                }
            },
            "/text": {"post": {"requestBody": _TEXT, "responses": _ANY}},
            "/upload": {"put": {"requestBody": _BYTES, "responses": _ANY}},
            "/odd/{kind}": {
                "get": {"parameters": [_KIND], "responses": _ANY},
                "put": {"parameters": [_KIND], "requestBody": _BYTES, "responses": _ANY},
            },
        },
    } | more


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the API saw it."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    def values(self, name: str) -> list[str]:
        """Values of one field, in order."""
        lines = self.head.split(b"\r\n")[1:]
        pairs = (line.partition(b":") for line in lines if line)
        return [v.strip().decode() for n, _, v in pairs if n.decode().lower() == name]


@dataclass
class Peer:
    """One connection from the gateway."""

    stream: socket.socket
    held: bytes = b""

    def fill(self) -> bool:
        data = self.stream.recv(65_536)
        self.held += data
        return bool(data)

    def head(self) -> bytes | None:
        while b"\r\n\r\n" not in self.held:
            if not self.fill():
                return None
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        return head

    def body(self, call: Call) -> bytes | None:
        if call.values("transfer-encoding") == ["chunked"]:
            return self.chunks()
        length = int((call.values("content-length") or ["0"])[0])
        while len(self.held) < length:
            if not self.fill():
                return None
        body, self.held = self.held[:length], self.held[length:]
        return body

    def chunks(self) -> bytes | None:
        body = b""
        while True:
            while b"\r\n" not in self.held:
                if not self.fill():
                    return None
            line, _, self.held = self.held.partition(b"\r\n")
            size = int(line, 16)
            while len(self.held) < size + 2:
                if not self.fill():
                    return None
            body, self.held = body + self.held[:size], self.held[size + 2 :]
            if size == 0:
                return body

    def send(self, data: bytes) -> bool:
        """Gives True: the connection stays."""
        self.stream.sendall(data)
        return True


def answer(status: int, body: bytes = b"", *fields: str, kind: str = JSON) -> bytes:
    """A plain response."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *fields, "", ""]).encode() + body


Play = Callable[[Peer, Call], bool]


@dataclass
class Api:
    """A server on loopback. `odd`: what `/odd/{kind}` plays; gives whether the connection stays."""

    openapi: dict[str, Any] = field(default_factory=document)
    seen: list[Call] = field(default_factory=list)
    odd: dict[str, Play] = field(default_factory=dict)
    early: bool = False
    release: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.release.set()
        # Wakes the thread that accepts; closing alone does not.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream: socket.socket) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with stream, contextlib.suppress(OSError):
            peer = Peer(stream)
            while self._one(peer):
                pass

    def _one(self, peer: Peer) -> bool:
        head = peer.head()
        if head is None:
            return False
        call = Call(head, b"")
        kind = call.path.removeprefix("/odd/") if call.path.startswith("/odd/") else ""
        if kind.startswith("early"):
            self.seen.append(call)
            return self.odd[kind](peer, call)
        body = peer.body(call)
        if body is None:
            self.seen.append(Call(head, peer.held))
            return False
        call = Call(head, body)
        self.seen.append(call)
        if kind in self.odd:
            return self.odd[kind](peer, call)
        peer.send(self._plain(call))
        return True

    def _plain(self, call: Call) -> bytes:
        if call.path == "/openapi.json":
            return answer(200, json.dumps(self.openapi).encode())
        if call.path == "/items":
            return answer(200, call.body)
        if call.path.startswith("/items/"):
            item = {"name": "pen", "price": 1.5, "secret": "leak"}
            return answer(200, json.dumps(item).encode(), "server: odd/1.0")
        if call.path.startswith("/odd/hold"):
            self.arrived.set()
            self.release.wait(PATIENCE_S)
        if call.path.startswith(("/odd/", "/text", "/upload")):
            return answer(200, b"got " + call.body[:64], kind="text/plain")
        return answer(404, b"{}")


def until(found: Callable[[], T | None], patience_s: float = PATIENCE_S, what: str = "it") -> T:
    """The first thing that `found` gives; fails when nothing comes in time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come within {patience_s} s")
