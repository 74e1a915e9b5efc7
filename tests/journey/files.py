"""An API of files, forms and streams: its document, and a raw server that plays each path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.journey.api import JSON, Api, Call, Peer, answer

LARGE = 10_000_000
"""Bytes of a large file: more than all buffers on the way."""

_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_BYTES: dict[str, Any] = {"content": {"application/octet-stream": {}}}
_ITEM = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}}
_FORM = {
    "type": "object",
    "required": ["title", "photo"],
    "properties": {
        "title": {"type": "string", "maxLength": 10},
        "photo": {"type": "string", "format": "binary"},
    },
    "additionalProperties": False,
}
_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {"type": "string", "contentMediaType": JSON, "contentSchema": _ITEM},
        "event": {"enum": ["add", "remove"]},
    },
}


def _gives(kind: str, media: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"200": {"description": "ok", "content": {kind: media or {}}}}


def _takes(kind: str, media: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"required": True, "content": {kind: media or {}}}


_DONE = {"200": {"description": "ok"}, "201": {"description": "made"}}


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.2.0",
        "info": {"title": "files", "version": "1"},
        "paths": {
            "/photos": {
                "post": {
                    "requestBody": _takes("multipart/form-data", {"schema": _FORM}),
                    "responses": _DONE,
                }
            },
            "/files/{name}": {
                "parameters": [_NAME],
                "get": {"responses": _gives("application/octet-stream")},
                "put": {"requestBody": _BYTES, "responses": _DONE},
            },
            "/small/{name}": {
                "parameters": [_NAME],
                "put": {"requestBody": _BYTES, "responses": _DONE},
            },
            "/items": {
                "get": {"responses": _gives(JSON, {"schema": _ITEM})},
                "post": {"requestBody": _takes(JSON, {"schema": _ITEM}), "responses": _DONE},
            },
            "/events": {"get": {"responses": _gives("text/event-stream", {"itemSchema": _EVENT})}},
            "/news": {"get": {"responses": _gives("text/event-stream")}},
            "/lines": {"get": {"responses": _gives("application/x-ndjson", {"itemSchema": _ITEM})}},
            "/moved": {"get": {"responses": {"302": {"description": "elsewhere"}}}},
        },
    }


Play = Callable[[Peer, Call], bool]


@dataclass
class FileApi(Api):
    """Plays what `plays` holds for a path; a path of `early` is played before its body is read."""

    openapi: dict[str, Any] = field(default_factory=document)
    plays: dict[str, Play] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def _one(self, peer: Peer) -> bool:
        head = peer.head()
        if head is None:
            return False
        call = Call(head, b"")
        if call.path not in self.unread:
            body = peer.body(call)
            if body is None:
                return False
            call = Call(head, body)
        self.seen.append(call)
        play = self.plays.get(call.path)
        if play is not None:
            return play(peer, call)
        return peer.send(self._plain(call))

    def _plain(self, call: Call) -> bytes:
        if call.path == "/openapi.json":
            return super()._plain(call)
        return answer(200, b"got %d" % len(call.body), kind="text/plain")


def chunk(data: bytes) -> bytes:
    """One chunk as it goes over the wire."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def stream(kind: str) -> bytes:
    """The head of a response in chunks."""
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode()


def take(peer: Peer, length: int) -> int:
    """Reads and forgets a body; gives its length as it came."""
    count = len(peer.held)
    peer.held = b""
    while count < length:
        data = peer.stream.recv(262_144)
        if not data:
            break
        count += len(data)
    return count
