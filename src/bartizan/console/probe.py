"""Looks at a running gateway and its API from outside: one bounded request each."""

from __future__ import annotations

import contextlib
import http.client
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 3.0
BODY_MAX_BYTES = 1 << 20
HEAD_MAX_BYTES = 16 << 10
# Two readings of where it ends: refused always, in shadow too, and never passed on to the API.
CANARY = (
    b"POST /bartizan-doctor HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n"
    b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields (names lower case) and body."""

    status: int
    fields: Mapping[str, str]
    body: bytes


class Probe:
    """Asks over the network. Every call raises OSError where nothing answers."""

    def get(self, url: str) -> Answer:
        """A GET of an `http:` or `https:` URL."""
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        with contextlib.closing(connection):
            try:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("GET", target, headers={"Accept": "*/*"})
                answer = connection.getresponse()
                body = answer.read(BODY_MAX_BYTES)
            except http.client.HTTPException as failed:
                raise OSError(f"no HTTP: {type(failed).__name__}") from failed
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, body)

    def canary(self, address: str) -> int:
        """Status that the gateway gives to a request which must be refused; 0 = it just closed."""
        host, _, port = address.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.sendall(CANARY)
            head = b""
            while b"\r\n" not in head and len(head) < HEAD_MAX_BYTES:
                chunk = connection.recv(4096)
                if not chunk:
                    break
                head += chunk
        words = head.split(b"\r\n", 1)[0].split(b" ")
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
