"""WebSockets behind a mount under real servers: handshakes judged, messages left alone."""

from __future__ import annotations

import base64
import json
import os
import socket
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from tests.journey.api import until
from tests.journey.guard import bartizan
from tests.journey.test_mounts import served

STARLETTE = """
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from bartizan import owns, protect

async def echo(ws):
    await ws.accept()
    await ws.send_text(await ws.receive_text())
    await ws.close()

@owns("room", "name")
async def room(ws):
    await ws.accept()

routes = [WebSocketRoute("/live", echo), WebSocketRoute("/rooms/{name}", room)]
app = protect(Starlette(routes=routes), owners={"room": lambda _name: "alice"})
"""
QUART = """
from quart import Quart, websocket
from bartizan import protect

api = Quart(__name__)

@api.websocket("/live")
async def echo():
    await websocket.send(await websocket.receive())

app = protect(api)
"""
CONFIG = """
mode: enforce
state: .bartizan
cors: { origins: ["https://app.test"], credentials: true }
"""
UVICORN = ("--ws", "wsproto")


class Socket:
    """A handshake, and then text frames (RFC 6455 section 5.2) of less than 126 bytes."""

    def __init__(self, base: str, path: str, *fields: str) -> None:
        where = urlsplit(base)
        self.stream = socket.create_connection((where.hostname or "", where.port or 0), 30)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"host: {where.netloc}", "connection: Upgrade",
                 "upgrade: websocket", "sec-websocket-version: 13", f"sec-websocket-key: {key}",
                 *fields]  # fmt: skip
        self.stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head, _, self.rest = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        self.head = head.decode().lower()
        self.status = int(self.head.split()[1])

    def _until(self, mark: bytes) -> bytes:
        data = b""
        while mark not in data and (piece := self.stream.recv(4096)):
            data += piece
        return data

    def says(self, text: str) -> str:
        """What comes back."""
        mask, data = b"\1\2\3\4", text.encode()
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.stream.sendall(bytes((0x81, 0x80 | len(data))) + mask + masked)
        while len(self.rest) < 2 + len(data):
            self.rest += self.stream.recv(4096)
        return self.rest[2 : 2 + self.rest[1]].decode()

    def body(self) -> dict[str, object]:
        """The problem of a refusal."""
        length = int(self.head.partition("content-length: ")[2].split()[0])
        while len(self.rest) < length:
            self.rest += self.stream.recv(4096)
        told: dict[str, object] = json.loads(self.rest)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


@pytest.mark.parametrize(
    ("module", "server", "more"),
    [(STARLETTE, "uvicorn", UVICORN), (STARLETTE, "hypercorn", ()), (QUART, "hypercorn", ())],
)
def test_handshakes_are_judged_and_messages_pass(
    tmp_path: Path, module: str, server: str, more: tuple[str, ...]
) -> None:
    with served(tmp_path, module, server, CONFIG, *more) as it:
        base = str(it.client.base_url)
        own = f"origin: {base}".rstrip("/")
        for fields in (("cookie: a=b",), ("cookie: a=b", own), ("origin: https://evil.test",),
                       ("cookie: a=b", "origin: https://app.test")):  # fmt: skip
            with Socket(base, "/live", *fields) as open_:
                assert open_.status == 101, open_.head
                assert open_.says("hello") == "hello"
        with Socket(base, "/live", "cookie: a=b", "origin: https://evil.test") as refused:
            assert refused.status == 403
            told = refused.body()
        with Socket(base, "/admin") as unknown:
            assert unknown.status == 404
        if module == STARLETTE:
            with Socket(base, "/rooms/7") as foreign:
                assert foreign.status == 404
        assert "of a WebSocket the handshake is judged" in it.log.read_text()
        reference = str(told["reference"])
        explained = until(lambda: _explained(tmp_path, reference), 40, "the Event")
    assert explained["rule"]["rule"] == "authorize.cross-site"


def _explained(folder: Path, reference: str) -> dict[str, dict[str, str]] | None:
    done = bartizan(folder, "explain", reference, "--json")
    fields: dict[str, dict[str, str]] | None = None
    if done.returncode == 0:
        fields = json.loads(done.stdout)["fields"]
    return fields
