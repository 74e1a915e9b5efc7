"""The API of large bodies: gives a file, takes one and forgets it. Cheap, and in this process."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from typing import IO

FILE = "/v1/file"
FILE_BYTES = 10_000_000
_PIECE = 256 << 10


class Reader:
    """The bytes of one connection: heads, and bodies that are counted and thrown away."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._held = b""
        self._buffer = bytearray(_PIECE)

    def head(self) -> bytes:
        """The next head in lower case; empty at the end."""
        while b"\r\n\r\n" not in self._held:
            data = self._stream.recv(_PIECE)
            if not data:
                return b""
            self._held += data
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        return head.lower()

    def skip(self, length: int) -> int:
        """Reads a body of `length` bytes; gives how many came."""
        count = min(len(self._held), length)
        self._held = self._held[count:]
        while count < length:
            got = self._stream.recv_into(self._buffer, min(_PIECE, length - count))
            if not got:
                break
            count += got
        return count


def length_of(head: bytes) -> int:
    """What `Content-Length` says; 0 without."""
    lines = head.split(b"\r\n")[1:]
    pairs = (line.partition(b":") for line in lines)
    return next((int(value) for name, _, value in pairs if name == b"content-length"), 0)


def _serve(stream: socket.socket, file: IO[bytes]) -> None:
    reader = Reader(stream)
    with stream, contextlib.suppress(OSError):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while head := reader.head():
            if head.startswith(b"put"):
                count = reader.skip(length_of(head))
                answer = b"%d" % count
                stream.sendall(_head(len(answer)) + answer)
            else:
                stream.sendall(_head(FILE_BYTES))
                stream.sendfile(file, 0, FILE_BYTES)


def _head(length: int) -> bytes:
    kind = b"content-type: application/octet-stream"
    return b"HTTP/1.1 200 OK\r\n%b\r\ncontent-length: %d\r\n\r\n" % (kind, length)


@contextlib.contextmanager
def store() -> Iterator[int]:
    """The running API; its port."""
    with tempfile.TemporaryFile() as file:
        file.write(b"\x5a" * FILE_BYTES)
        file.flush()
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            threading.Thread(target=_accept, args=(listener, file), daemon=True).start()
            port: int = listener.getsockname()[1]
            yield port


def _accept(listener: socket.socket, file: IO[bytes]) -> None:
    while True:
        try:
            stream, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(stream, file), daemon=True).start()
