"""Rows of the corpus: one Exchange, what it must come to, and the mounts that can carry it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Finding = tuple[str, str, str, str, str]
"""code, place, name, pointer, standing."""

REPLAY, ASGI, WSGI, GATEWAY = "replay", "asgi", "wsgi", "gateway"
EVERYWHERE = frozenset({REPLAY, ASGI, GATEWAY})
ON_THE_WIRE = frozenset({REPLAY, GATEWAY})
REPLAY_ONLY = frozenset({REPLAY})

_CHALLENGED = {401}


@dataclass(frozen=True)
class Expect:
    """A Decision as the corpus wants it. status: decided, 0 for allow."""

    verdict: str
    status: int
    findings: tuple[Finding, ...]
    enforcement: str = "enforced"


@dataclass(frozen=True)
class Row:
    """One Exchange. group: rows of one group share a Live and keep their order.

    told: what the generator says it must come to; None leaves that to the oracle.
    """

    name: str
    capture: Json
    told: Expect | None = None
    mounts: frozenset[str] = EVERYWHERE
    group: str = ""

    @property
    def is_good(self) -> bool:
        """Good traffic by name."""
        return self.name.startswith("good")


def found(
    code: str, place: str, name: str = "", pointer: str = "", standing: str = "enforced"
) -> Finding:
    """One expected reason."""
    return (code, place, name, pointer, standing)


PASS = Expect("allow", 0, ())


def noted(*findings: Finding) -> Expect:
    """Allowed, with findings of the response or excepted ones."""
    return Expect("allow", 0, findings)


def refused(status: int, *findings: Finding, verdict: str = "") -> Expect:
    """Refused; 401 is a challenge, 429 a throttle."""
    usual = {401: "challenge", 429: "throttle"}.get(status, "deny")
    return Expect(verdict or usual, status, findings)


def shadowed(status: int, *findings: Finding) -> Expect:
    """Would have been refused."""
    usual = {401: "challenge", 429: "throttle"}.get(status, "deny")
    return Expect(usual, status, findings, "shadow")


OK_RESPONSE: Json = {
    "status": 200,
    "fields": [["content-type", "application/json"]],
    "body": {"text": '{"ok":true}'},
}


def response(
    status: int, body: str | bytes = "", *fields: tuple[str, str], json: bool = True
) -> Json:
    """A response of the API."""
    typed = [["content-type", "application/json"]] if json else []
    return {"status": status, "fields": [*typed, *map(list, fields)], "body": _body(body)}


def _body(body: str | bytes) -> Json | str:
    if not body:
        return "none"
    if isinstance(body, bytes):
        return {"base64": base64.b64encode(body).decode()}
    return {"text": body}


def fits_wsgi(row: Row) -> bool:
    """Whether an environ holds the head without loss: no name twice, no `_`, origin form."""
    request = row.capture["request"]
    names = [name.lower() for name, _ in request.get("fields", ())]
    target = request.get("target", "")
    return (
        ASGI in row.mounts
        and len(set(names)) == len(names)
        and all(name.isascii() and name.replace("-", "").isalnum() for name in names)
        and target.startswith("/")
        and "#" not in target
    )


@dataclass(frozen=True)
class Maker:
    """Makes captures of one moment."""

    now_ms: int

    def request(
        self,
        method: str,
        target: str,
        *fields: tuple[str, str],
        body: str | bytes = "",
        answer: Json | None = OK_RESPONSE,
        host: str = "api.example.com",
        peer: str = "203.0.113.7",
        after_ms: int = 0,
    ) -> Json:
        """A capture out of parts. Fields are Latin-1 text."""
        listed = [["host", host], *map(list, fields)] if host else list(map(list, fields))
        if body:
            size = len(body.encode() if isinstance(body, str) else body)
            listed.append(["content-length", str(size)])
        parts = {"method": method, "target": target, "fields": listed, "body": _body(body)}
        capture: Json = {"peer": peer, "time_ms": self.now_ms + after_ms, "request": parts}
        return capture | ({"response": answer} if answer else {})

    def raw(self, stream: bytes, *, answer: Json | None = OK_RESPONSE) -> Json:
        """A capture out of the bytes of a connection."""
        parts = {"raw": base64.b64encode(stream).decode()}
        capture: Json = {"peer": "203.0.113.7", "time_ms": self.now_ms, "request": parts}
        return capture | ({"response": answer} if answer else {})
