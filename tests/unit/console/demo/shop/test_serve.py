from __future__ import annotations

import io
import threading
from types import SimpleNamespace
from typing import cast

from bartizan.console.demo.shop.message import Request, Response
from bartizan.console.demo.shop.serve import Door, Server

SMUGGLED = (
    b"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /debug HTTP/1.1\r\nHost: a\r\n\r\n"
)


def echo(request: Request) -> Response:
    return Response(200, f"{request.method} {request.target} {request.body.decode()}")


class Dialogue(Door):
    """A door whose connection is two buffers."""

    def __init__(self, sent: bytes, server: SimpleNamespace) -> None:
        self.rfile = io.BufferedReader(io.BytesIO(sent))
        self.wfile = self.said = io.BytesIO()
        self.server = cast("Server", server)
        self.client_address = ("127.0.0.1", 1)
        self.handle()

    @classmethod
    def over(cls, sent: bytes, server: SimpleNamespace) -> str:
        """What the door says to all that was sent."""
        return cls(sent, server).said.getvalue().decode()


def said(sent: bytes, *, is_strict: bool = True) -> str:
    server = SimpleNamespace(answering=echo, is_strict=is_strict, lock=threading.Lock())
    return Dialogue.over(sent, server)


def test_requests_of_one_connection_are_answered_in_turn() -> None:
    answers = said(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answers.count("HTTP/1.1 200 OK") == 2
    assert "GET /a" in answers


def test_body_is_as_long_as_it_says() -> None:
    answers = said(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET")
    assert "POST /a hi" in answers


def test_two_lengths_smuggle_a_request_when_it_is_not_strict() -> None:
    assert "GET /debug" in said(SMUGGLED, is_strict=False)


def test_two_lengths_are_refused_when_it_is_strict() -> None:
    answers = said(SMUGGLED)
    assert answers.startswith("HTTP/1.1 411")
    assert "debug" not in answers


def test_a_huge_body_is_refused() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
    assert said(head).startswith("HTTP/1.1 413")


def test_a_length_that_is_no_number_ends_the_connection() -> None:
    assert said(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n") == ""


def test_a_malformed_line_is_refused() -> None:
    assert "400" in said(b"one two three four\r\n\r\n")
