import http.client
import socket
from typing import Any, Self

import pytest

from bartizan.console.probe import CANARY, Probe


class Line:
    """A connection that keeps what is sent and answers from a list."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.sent = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def settimeout(self, _seconds: float) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, _size: int) -> bytes:
        return self.chunks.pop(0) if self.chunks else b""


REF = "0123456789abcdef"
REFUSED = (
    b"HTTP/1.1 4",
    b"00 Bad\r\nContent-Length: 32\r\n",
    b'\r\n{"reference": "',
    b'0123456789abcdef"}',
)


@pytest.mark.parametrize(
    ("chunks", "answer"),
    [
        (REFUSED, (400, REF)),
        ((b"HTTP/1.1 4", b"00 Bad\r\n"), (400, "")),
        ((b'HTTP/1.1 400 Bad\r\n\r\n{"reference": "../x"}',), (400, "")),
        ((b"HTTP/1.1 400 Bad\r\n\r\n[1]",), (400, "")),
        ((), (0, "")),
        ((b"nonsense\r\n",), (0, "")),
    ],
)
def test_the_canary_gives_status_and_reference_or_nothing(
    chunks: tuple[bytes, ...], answer: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, asked = Line(*chunks), []

    def connect(address: tuple[str, int], _timeout: float) -> Line:
        asked.append(address)
        return line

    monkeypatch.setattr(socket, "create_connection", connect)
    assert Probe().canary("[::1]:8080") == answer
    assert asked == [("::1", 8080)]
    assert line.sent == CANARY


def test_a_server_that_keeps_the_line_open_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Open(Line):
        def recv(self, size: int) -> bytes:
            if not self.chunks:
                raise TimeoutError
            return super().recv(size)

    def connect(_address: tuple[str, int], _timeout: float) -> Line:
        return Open(b"HTTP/1.1 200 OK\r\n\r\n")

    monkeypatch.setattr(socket, "create_connection", connect)
    assert Probe().canary("127.0.0.1:8080") == (200, "")


def test_the_canary_can_be_read_in_two_ways() -> None:
    assert b"content-length" in CANARY
    assert b"transfer-encoding" in CANARY


def test_what_is_no_http_is_an_error_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_more: Any) -> None:
        raise http.client.BadStatusLine("x")

    monkeypatch.setattr(http.client.HTTPConnection, "request", broken)
    with pytest.raises(OSError, match="no HTTP"):
        Probe().get("http://127.0.0.1:1/livez")
