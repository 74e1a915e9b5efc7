"""Looks at a running gateway and its API from outside: one bounded request each."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.model.errors import Fault
from bartizan.model.ids import require_reference

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

    def canary(self, address: str) -> tuple[int, str]:
        """Status and reference id of the answer to a request that must be refused.

        0: the gateway just closed the connection. The id may be empty.
        """
        host, _, port = address.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.sendall(CANARY)
            answer = b""
            with contextlib.suppress(TimeoutError):
                while not _is_whole(answer) and (chunk := connection.recv(4096)):
                    answer += chunk
        words = answer.split(b"\r\n", 1)[0].split(b" ")
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        return status, _reference(answer.partition(b"\r\n\r\n")[2])


def _is_whole(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    if not mark:
        return len(answer) >= HEAD_MAX_BYTES
    told = re.search(rb"(?i)\r\ncontent-length: *([0-9]{1,9})", head)
    return len(body) >= min(int(told[1]) if told else HEAD_MAX_BYTES, HEAD_MAX_BYTES)


def _reference(body: bytes) -> str:
    """The member `reference` of a problem document."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    try:
        return require_reference(str(told["reference"])) if isinstance(told, dict) else ""
    except (KeyError, Fault):
        return ""
