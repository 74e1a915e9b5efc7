"""Runs the `tests:` of a config: each request is judged offline, with limits of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.model.event import Event, parse_event
from bartizan.policy.captures import Capture, with_defaults
from bartizan.policy.replay import Court, replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.model.diagnostics import Location
    from bartizan.policy.case_keys import Case
    from bartizan.policy.config import Config

HOST = "localhost"


@dataclass(frozen=True, slots=True)
class Tried:
    """One case and what became of it. differs: what is not as expected; empty = passed."""

    name: str
    place: Location
    event: Event
    differs: str

    @property
    def has_passed(self) -> bool:
        """Whether it is as expected."""
        return not self.differs


def tried(config: Config, court: Court) -> Iterator[Tried]:
    """Every case in its order. Cost: one judgement for each time of each case."""
    for case in config.tests:
        line = capture(case, config, court.now_ms).line()
        *_, last = replay(court, [line] * case.times)
        event = decided(parse_event(last))
        name = case.name or case.request
        yield Tried(name, config.locate(case.pointer), event, _differs(case, event))


def decided(event: Event) -> Event:
    """The Event without what followed the decision: nobody was there to answer."""
    from dataclasses import replace

    reasons = tuple(one for one in event.reasons if one.stage != "forward")
    status = event.decided_status if event.verdict != "allow" else 0
    return replace(event, reasons=reasons, status=status, outcome="")


def capture(case: Case, config: Config, now_ms: int) -> Capture:
    """The case as the form that is judged."""
    method, _, target = case.request.partition(" ")
    body = body_of(case.body)
    host = config.hosts[0] if config.hosts else HOST
    principal = None
    if case.principal is not None:
        principal = {
            "kind": case.principal.kind,
            "issuer": case.principal.issuer or issuer_of(config, case.principal.kind),
            "subject": case.principal.subject,
            "scopes": list(case.principal.scopes),
        }
    return Capture(
        method=method.upper(),
        target=target,
        fields=with_defaults(tuple(case.headers.items()), host, body),
        body=body,
        principal=principal,
        peer=case.address,
        time_ms=now_ms,
    )


def body_of(written: object) -> bytes:
    """A text as it is, nothing for nothing, everything else as JSON."""
    if written is None:
        return b""
    if isinstance(written, str):
        return written.encode()
    return json.dumps(written, ensure_ascii=False).encode()


def issuer_of(config: Config, kind: str) -> str:
    """The id of the only issuer; empty for keys, and where there are several."""
    issuers = config.auth.all_issuers
    if kind != "token" or len(issuers) != 1:
        return ""
    return issuers[0].id or issuers[0].issuer.partition("://")[2].partition("/")[0]


def _differs(case: Case, event: Event) -> str:
    codes = [one.code for one in event.reasons]
    because = f" ({', '.join(codes)})" if codes else ""
    if event.verdict != case.expect:
        return f"expected {case.expect}, got {event.verdict}{because}"
    if case.code and case.code not in codes:
        return f"expected `{case.code}` among its reasons, got {', '.join(codes) or 'none'}"
    if case.status is not None and event.status != case.status:
        got = event.status or "no answer of the gateway"
        return f"expected status {case.status}, got {got}{because}"
    return ""
