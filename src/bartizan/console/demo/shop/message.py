"""A request to the shop and its answer, free of sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """headers: lower-case names."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of each name."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def data(self) -> Row:
        """The JSON object in the body. Raises Refused."""
        try:
            data = json.loads(self.body)
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(data, dict):
            raise Refused(400, "the body is not an object")
        return data


@dataclass(frozen=True, slots=True)
class Response:
    """data: becomes JSON, bytes stay as they are; None: no body."""

    status: int
    data: object = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """As sent."""
        if isinstance(self.data, bytes):
            return self.data
        return b"" if self.data is None else json.dumps(self.data).encode()


class Refused(Exception):
    """Ends a request with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
