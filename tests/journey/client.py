"""A client on a raw socket: sends any bytes, reads whole responses. Every wait is bounded."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.journey.api import PATIENCE_S


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it came."""

    status: int
    head: str
    body: bytes

    def field(self, name: str) -> str | None:
        """The value of one field, if any."""
        pairs = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return next((v.strip() for n, _, v in pairs if n.lower() == name), None)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem body."""
        return str(self.json()["code"])

    @property
    def ref(self) -> str:
        """The reference id of a problem body."""
        return str(self.json()["reference"])


class Client:
    """One connection."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self._held = b""

    @classmethod
    def connect(cls, address: str) -> Client:
        host, _, port = address.rpartition(":")
        stream = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stream.close()

    def send(self, data: bytes) -> None:
        self.stream.sendall(data)

    def call(self, method: str, path: str, body: bytes = b"", /, **fields: str) -> Response:
        """A well-formed request and its response."""
        self.send(request(method, path, body, **fields))
        return self.response(method)

    def response(self, method: str = "GET") -> Response:
        """The next response, interim ones included. Raises EOFError when it breaks off."""
        head = self._through(b"\r\n\r\n").decode("latin-1")
        status = int(head[9:12])
        bodyless = method == "HEAD" or status < 200 or status in (204, 304)
        about = Response(status, head, b"")
        return about if bodyless else Response(status, head, self._body(about))

    def _body(self, about: Response) -> bytes:
        if about.field("transfer-encoding") == "chunked":
            return self._chunks()
        length = about.field("content-length")
        return self.rest() if length is None else self._take(int(length))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._through(b"\r\n"), 16):
            body += self._take(size + 2)[:-2]
        while self._through(b"\r\n") != b"\r\n":
            pass
        return body

    def _through(self, mark: bytes) -> bytes:
        while mark not in self._held:
            self._fill()
        return self._take(self._held.index(mark) + len(mark))

    def _take(self, length: int) -> bytes:
        while len(self._held) < length:
            self._fill()
        taken, self._held = self._held[:length], self._held[length:]
        return taken

    def _fill(self) -> None:
        data = self.stream.recv(65_536)
        if not data:
            raise EOFError
        self._held += data

    def rest(self) -> bytes:
        """Everything until the other end closes."""
        try:
            while True:
                self._fill()
        except (EOFError, ConnectionResetError):
            taken, self._held = self._held, b""
            return taken

    def is_closed(self) -> bool:
        """Whether the other end closes without sending anything more."""
        return self.rest() == b""


def request(method: str, path: str, body: bytes = b"", /, **fields: str) -> bytes:
    """A well-formed request; `_` in a field's name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "host: api.test"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    lines += [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body
