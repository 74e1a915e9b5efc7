"""Event: the closing fact of one Exchange as the gateway sends it, and what is kept of it.

One JSON object a line; absent members are left out. Nothing here reads a clock or a file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOW = "allow"
CODE = 65_535
"""Stands for a document where the app's own code declares the rule: the source is `file:line`."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against a Request, or was found in its Response."""

    code: str
    stage: str = ""
    location: str = ""
    name: str = ""
    pointer: str = ""
    value: str | None = None
    span: tuple[int, int] | None = None
    expected: str = ""
    document: int | None = None
    source: str = ""
    standing: str = "enforced"

    @property
    def counts(self) -> bool:
        """Whether it counts towards the verdict: no written exception covers it."""
        return self.standing != "excepted"

    @property
    def field(self) -> str:
        """The place as exceptions write it: `location[:name][#pointer]`; empty if unknown."""
        name = f":{self.name}" if self.name else ""
        pointer = f"#{self.pointer}" if self.pointer else ""
        return f"{self.location}{name}{pointer}"


PROVEN = ("api-key", "framework", "token")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asked: how that was proven, who vouches, the name, and what it may (not in an Event)."""

    kind: str
    issuer: str = ""
    subject: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether a credential was verified, so that the name can be relied on."""
        return self.kind in PROVEN and bool(self.subject)

    @property
    def label(self) -> str:
        """`subject (kind of issuer)`, or the kind alone."""
        if not self.subject:
            return self.kind
        of = f" of {self.issuer}" if self.issuer else ""
        return f"{self.subject} ({self.kind}{of})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The closing fact of one Exchange. Times in milliseconds since 1970 (UTC), sizes in bytes.

    query: decoded and masked, none of a clean pass. owner: who answers for the Operation; data:
    classes of data that it carries.
    """

    id: str
    time_ms: int
    policy: str
    verdict: str
    enforcement: str
    peer: str = ""
    method: str = ""
    path: str = ""
    query: str = ""
    operation: str = ""
    owner: str = ""
    data: tuple[str, ...] = ()
    principal: Principal | None = None
    status: int = 0
    decided_status: int = 0
    upstream_status: int = 0
    outcome: str = ""
    reasons: tuple[Reason, ...] = ()
    repeats: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    duration_us: int = 0
    upstream_us: int = 0

    @property
    def route(self) -> str:
        """The Operation, or method and path where none matched."""
        return self.operation or f"{self.method} {self.path}".strip() or "(no request line)"

    @property
    def line(self) -> str:
        """Method, path and query, as far as they may be shown."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{query}".strip()

    @property
    def leading(self) -> Reason | None:
        """The reason that gave verdict and status.

        The first enforced one, else the first that counts, else the first of all.
        """
        counting = [reason for reason in self.reasons if reason.counts]
        enforced = [reason for reason in counting if reason.standing == "enforced"]
        return next(iter(enforced or counting or self.reasons), None)


@dataclass(frozen=True, slots=True)
class Setting:
    """The line that asked for a rule, as it read when the Event was kept."""

    file: str
    line: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Notable:
    """An Event worth keeping, with the Setting of each of its reasons (same order)."""

    event: Event
    line: bytes
    settings: tuple[Setting | None, ...] = ()

    def setting(self, reason: Reason) -> Setting | None:
        """The Setting behind one of this Event's reasons."""
        pairs = zip(self.event.reasons, self.settings, strict=False)
        return next((setting for own, setting in pairs if own is reason), None)


class EventFault(ValueError):
    """A line is not an Event."""


def parse_event(line: bytes) -> Event:
    """The Event that one JSON line holds. Raises EventFault. Cost: one pass over the line."""
    try:
        data = json.loads(line)
    except ValueError as fault:
        raise EventFault("an Event line is not JSON") from fault
    if not isinstance(data, dict) or not _text(data, "id"):
        raise EventFault("an Event line has no `id`")
    return Event(
        id=_text(data, "id"),
        time_ms=_whole(data, "time_ms"),
        policy=_text(data, "policy"),
        verdict=_text(data, "verdict"),
        enforcement=_text(data, "enforcement"),
        peer=_text(data, "peer"),
        method=_text(data, "method"),
        path=_text(data, "path"),
        query=_text(data, "query"),
        operation=_text(data, "operation"),
        owner=_text(data, "owner"),
        data=_texts(data.get("data")),
        principal=_principal(data.get("principal")),
        status=_whole(data, "status"),
        decided_status=_whole(data, "decided_status"),
        upstream_status=_whole(data, "upstream_status"),
        outcome=_text(data, "outcome"),
        reasons=tuple(_reason(item) for item in _items(data.get("reasons"))),
        repeats=_whole(data, "repeats"),
        bytes_in=_whole(data, "bytes_in"),
        bytes_out=_whole(data, "bytes_out"),
        duration_us=_whole(data, "duration_us"),
        upstream_us=_whole(data, "upstream_us"),
    )


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(one for one in listed if isinstance(one, str))


def _whole(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0


def _items(value: object) -> list[Mapping[str, object]]:
    items = value if isinstance(value, list) else []
    return [cast("Mapping[str, object]", item) for item in items if isinstance(item, dict)]


def _principal(value: object) -> Principal | None:
    if not isinstance(value, dict):
        return None
    return Principal(_text(value, "kind"), _text(value, "issuer"), _text(value, "subject"))


def _reason(data: Mapping[str, object]) -> Reason:
    span, value, document = data.get("span"), data.get("value"), data.get("document")
    return Reason(
        code=_text(data, "code"),
        stage=_text(data, "stage"),
        location=_text(data, "in"),
        name=_text(data, "name"),
        pointer=_text(data, "pointer"),
        value=value if isinstance(value, str) else None,
        span=_span(span),
        expected=_text(data, "expected"),
        document=document if isinstance(document, int) else None,
        source=_text(data, "source"),
        standing=_text(data, "standing") or "enforced",
    )


def _span(value: object) -> tuple[int, int] | None:
    match value:
        case [int(start), int(end)]:
            return (start, end)
        case _:
            return None
