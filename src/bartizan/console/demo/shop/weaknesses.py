"""The planted weaknesses: one for each class of the OWASP API Security Top 10 of 2023."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakness:
    """One planted hole. hole: what the shop does wrong. fix: what `--fix ID` changes."""

    id: str
    title: str
    hole: str
    fix: str


WEAKNESSES = (
    Weakness(
        "API1",
        "Broken object level authorization",
        "any customer reads any order and any card by its number",
        "orders and cards are shown to their owner only",
    ),
    Weakness(
        "API2",
        "Broken authentication",
        "tokens are read, never verified; without one, `X-Customer` is believed",
        "only tokens with a valid signature, issuer, audience and time are believed",
    ),
    Weakness(
        "API3",
        "Broken object property level authorization",
        "answers hold whole table rows, and requests may set any column",
        "answers and requests hold the documented fields only",
    ),
    Weakness(
        "API4",
        "Unrestricted resource consumption",
        "passwords may be guessed and lists fetched without end",
        "5 log-ins a minute for an account, 60 requests a minute for a customer",
    ),
    Weakness(
        "API5",
        "Broken function level authorization",
        "every customer may use the routes of the staff",
        "the routes of the staff need a member of the staff",
    ),
    Weakness(
        "API6",
        "Unrestricted access to sensitive business flows",
        "one customer may buy up a limited edition",
        "two pieces of a limited edition for each customer",
    ),
    Weakness(
        "API7",
        "Server side request forgery",
        "a webhook address is fetched, whatever it is, and its answer shown",
        "only the partner's address is fetched",
    ),
    Weakness(
        "API8",
        "Security misconfiguration",
        "a debug route, stack traces, telling headers, method override, two body lengths",
        "none of them",
    ),
    Weakness(
        "API9",
        "Improper inventory management",
        "the old version /v0 still answers, without any log-in",
        "/v0 is gone",
    ),
    Weakness(
        "API10",
        "Unsafe consumption of APIs",
        "a partner's feed goes into SQL as it comes",
        "each item of the feed is checked and bound as a parameter",
    ),
)

IDS = frozenset(weakness.id for weakness in WEAKNESSES)


def chosen(words: str) -> frozenset[str]:
    """The ids in `API1,API3` or `all`. Raises ValueError for an unknown one."""
    if words == "all":
        return IDS
    found = frozenset(word.strip().upper() for word in words.split(",") if word.strip())
    if unknown := found - IDS:
        raise ValueError(f"unknown weakness `{min(unknown)}`; known are API1 to API10")
    return found
