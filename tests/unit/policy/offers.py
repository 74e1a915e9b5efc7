"""Offers for reasons of one Event, as the tests ask for them."""

from bartizan.model.event import Event, Reason
from bartizan.policy.edit import NotOffered, Offer
from bartizan.policy.offer import offer


def event(**members: object) -> Event:
    base: dict[str, object] = {
        "id": "a",
        "time_ms": 0,
        "policy": "",
        "verdict": "deny",
        "enforcement": "enforced",
        "method": "POST",
        "path": "/users",
        "operation": "POST /users",
    }
    return Event(**(base | members))  # type: ignore[arg-type]


def offered(reason: Reason, kind: str, config: dict[str, object], **members: object) -> Offer:
    found = offer(reason, event(**members), kind, config)
    assert isinstance(found, Offer), found
    return found


def not_offered(reason: Reason, kind: str, config: dict[str, object], **members: object) -> str:
    found = offer(reason, event(**members), kind, config)
    assert isinstance(found, NotOffered), found
    return found.reason
