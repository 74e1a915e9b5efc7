"""Writes captures, the form that replay reads (crates/core/src/replay.rs): one JSON object a line.

Targets and header values are Latin-1: one character, one byte. Bodies are text where UTF-8 fits.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The Response of the API."""

    status: int
    fields: Fields = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One Exchange to be judged. principal: the verified Principal as a fact, if it is one.

    time_ms: Unix milliseconds at which it is judged. peer: empty = loopback.
    """

    method: str
    target: str
    fields: Fields = ()
    body: bytes = field(default=b"", repr=False)
    principal: Mapping[str, object] | None = None
    peer: str = ""
    time_ms: int = 0
    response: Answered | None = None

    def line(self) -> bytes:
        """As one line, without its end."""
        request: dict[str, object] = {
            "method": self.method,
            "target": self.target,
            "fields": [list(pair) for pair in self.fields],
        }
        if self.body:
            request["body"] = body_form(self.body)
        data: dict[str, object] = {"time_ms": self.time_ms, "request": request}
        if self.peer:
            data["peer"] = self.peer
        if self.principal is not None:
            data["principal"] = dict(self.principal)
        if self.response is not None:
            data["response"] = _response(self.response)
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _response(one: Answered) -> dict[str, object]:
    data: dict[str, object] = {
        "status": one.status,
        "fields": [list(pair) for pair in one.fields],
    }
    if one.body:
        data["body"] = body_form(one.body)
    return data


def body_form(body: bytes) -> dict[str, str]:
    """A body as text, or as base64 where it is not UTF-8."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def bytes_of(form: Mapping[str, str]) -> bytes:
    """The body that `body_form` wrote. Raises ValueError."""
    if "text" in form:
        return form["text"].encode()
    return base64.b64decode(form["base64"], validate=True)


def with_defaults(fields: Fields, host: str, body: bytes) -> Fields:
    """Header fields as a client sends them: a host first, and the type of a body."""
    names = {name.lower() for name, _value in fields}
    made = fields if "host" in names else (("host", host), *fields)
    if body and "content-type" not in names:
        made = (*made, ("content-type", type_of(body)))
    return made


def type_of(body: bytes) -> str:
    """JSON where it is JSON, else plain text."""
    try:
        json.loads(body)
    except ValueError:
        return "text/plain; charset=utf-8"
    return "application/json"
