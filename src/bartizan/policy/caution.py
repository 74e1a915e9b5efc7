"""What an offered change opens, said beside it: one line to weigh before it is pasted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.event import Event
    from bartizan.policy.edit import Offer

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSALS = frozenset({401, 403})


def refused_by_api(event: Event) -> bool:
    """Whether the API itself asked for another credential or right: a true refusal."""
    return event.upstream_status in _REFUSALS


def cautioned(change: Offer, event: Event) -> Offer:
    """The change with its caution."""
    parts = [_opens(change, event)]
    if refused_by_api(event):
        parts.append(f"the API itself answered {event.upstream_status}: leave it refused")
    return replace(change, caution="; ".join(filter(None, parts)))


def _opens(change: Offer, event: Event) -> str:
    keys = change.path
    if keys[-1:] == ("security",):
        return "everybody may then call it, without any credential"
    if keys[-1:] == ("exposure",):
        return "callers who are no partners reach it then"
    if keys[:1] == ("internal",):
        return "whoever calls from there reaches every internal operation"
    if keys == ("csrf", "origins"):
        return "pages of this origin act with the cookies of every user who opens them"
    if "limits" in keys:
        return "a flood or the guessing of passwords passes then too: right only for honest load"
    if keys[-1:] in (("exceptions",), ("relax",)) and event.method not in _READS:
        return "this operation writes: what it lets pass reaches the API's data"
    return ""
