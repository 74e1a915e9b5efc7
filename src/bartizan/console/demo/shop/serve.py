"""Serves an answering function over HTTP/1.1 on loopback, with the standard library only."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from bartizan.console.demo.shop.message import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    Answering = Callable[[Request], Response]

HOST = "127.0.0.1"
BODY_MAX_BYTES = 1 << 20


class Server(ThreadingHTTPServer):
    """One listener. is_strict: refuses a request that gives two body lengths."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answering: Answering, *, is_strict: bool = True) -> None:
        super().__init__((HOST, port), Door)
        self.answering = answering
        self.is_strict = is_strict
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.server_port}"

    def start(self) -> None:
        """Serves in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Door(BaseHTTPRequestHandler):
    """Reads requests of one connection and writes their answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def handle_one_request(self) -> None:
        """One request, or the end of the connection."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._answer()
        except (OSError, ValueError):
            self.close_connection = True

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "transfer-encoding" in headers and (
            self.server.is_strict or "content-length" not in headers
        ):
            self._send(Response(411, {"error": "send Content-Length alone"}), is_last=True)
            return
        # The planted hole of API8: with two lengths, this one counts and the rest is a new request.
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= BODY_MAX_BYTES:
            self._send(Response(413, {"error": "too large"}), is_last=True)
            return
        body = self.rfile.read(length)
        with self.server.lock:
            given = self.server.answering(Request(self.command, self.path, headers, body))
        self._send(given)

    def _send(self, given: Response, *, is_last: bool = False) -> None:
        body = given.body()
        lines = [f"HTTP/1.1 {given.status} {self.responses.get(given.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in given.headers.items()]
        if given.status != 204:  # noqa: PLR2004, no content, so no length
            kind = [] if "content-type" in given.headers else ["content-type: application/json"]
            lines += [*kind, f"content-length: {len(body)}"]
        if is_last:
            self.close_connection = True
            lines.append("connection: close")
        head = "\r\n".join([*lines, "", ""]).encode()
        self.wfile.write(head + (b"" if self.command == "HEAD" else body))

    def log_message(self, *_words: object) -> None:
        """Nothing: the tour tells what happens."""
