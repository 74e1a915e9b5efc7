"""Before a subject is measured it proves that it does its work; without proof its row is void."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from tests.bench.api import READ, SCARCE, UNDECLARED, WRITE, compact, new_order
from tests.bench.subjects import JSON, Bench
from tests.bench.tokens import spoilt

SCARCE_TRIES = 12
REFUSED, OVER_LIMIT, BREAKS_CONTRACT = 401, 429, 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def ask(
    port: int, method: str, path: str, headers: tuple[tuple[str, str], ...] = (), body: str = ""
) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    finally:
        connection.close()


def serves(bench: Bench, port: int) -> bool:
    """An honest call passes."""
    return ask(port, "GET", READ, (bench.bearer,)).status == http.HTTPStatus.OK


def refuses_bad_token(bench: Bench, port: int) -> bool:
    """A spoilt signature, an expired token, and none at all: 401."""
    expired = bench.issuer.access_token(1_600_000_000)
    bad = [(("Authorization", f"Bearer {token}"),) for token in (spoilt(bench.token), expired)]
    return all(ask(port, "GET", READ, one).status == REFUSED for one in [*bad, ()])


def limits(bench: Bench, port: int) -> bool:
    """A scarce path ends in 429 after its first answers."""
    statuses = [ask(port, "GET", SCARCE, (bench.bearer,)).status for _ in range(SCARCE_TRIES)]
    return statuses[0] == http.HTTPStatus.OK and statuses[-1] == OVER_LIMIT


def refuses_bad_body(bench: Bench, port: int) -> bool:
    """A body that breaks the schema: 422; the honest one passes."""
    order = new_order()
    headers = (bench.bearer, JSON)
    good = ask(port, "POST", WRITE, headers, compact(order))
    order["lines"][3]["quantity"] = "many"
    bad = ask(port, "POST", WRITE, headers, compact(order))
    return good.status == http.HTTPStatus.OK and bad.status == BREAKS_CONTRACT


def shapes(bench: Bench, port: int) -> bool:
    """The field that the document does not declare is gone; the others are there."""
    answer = json.loads(ask(port, "GET", READ, (bench.bearer,)).body)
    return UNDECLARED not in answer and "total" in answer


PROOFS = {
    "serves": serves,
    "bad token 401": refuses_bad_token,
    "over limit 429": limits,
    "bad body 422": refuses_bad_body,
    "undeclared field gone": shapes,
}


def failures(bench: Bench, port: int, proofs: tuple[str, ...]) -> list[str]:
    """The proofs that failed."""
    return [name for name in ("serves", *proofs) if not PROOFS[name](bench, port)]
