"""The steps against the shop without sockets: all work, and with every fix no attack does."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import pytest

from bartizan.console.demo.client import Answer, Credentials, Side, raw_answer
from bartizan.console.demo.issuer import Issuer
from bartizan.console.demo.record import Record
from bartizan.console.demo.shop import app
from bartizan.console.demo.shop.message import Request
from bartizan.console.demo.shop.weaknesses import IDS
from bartizan.console.demo.steps import CHAPTERS, Call, Chapter, Kind, Step
from bartizan.console.demo.tour import Outcome, acted, address, deviations, recorded
from bartizan.model.event import Event, Notable, Reason
from tests.unit.console.demo.shop.test_serve import Dialogue
from tests.unit.console.demo.shop.till import INSIDER, ISSUER, NOW_S, Till

CAST = Credentials(ISSUER, Issuer(b"\x08" * 32), NOW_S)
STEPS = [step for chapter in CHAPTERS for step in chapter.steps]
WORDS = {"n": "1", "item": "Teapot", "insider": INSIDER}


@dataclass(frozen=True, slots=True)
class Counter(Side):
    """A side that asks a till instead of a socket."""

    till: Till

    def _send(self, call: Call) -> Answer:
        if call.raw:
            strict = self.till.desk.is_fixed("API8")
            door = SimpleNamespace(
                answering=lambda request: app.answer(self.till.desk, request),
                is_strict=strict,
                lock=threading.Lock(),
            )
            return raw_answer(Dialogue.over(self.filled(call.raw).encode(), door))
        headers = {name.lower(): value for name, value in self._head(call).items()}
        target, data = self.filled(call.target), self._body(call)
        given = app.answer(self.till.desk, Request(call.method, target, headers, data or b""))
        head = "\n".join(f"{name}: {value}" for name, value in given.headers.items())
        return Answer(given.status, head, given.body().decode())


def counter(*fixes: str) -> Counter:
    return Counter(("", 0), WORDS, lambda who: f"Bearer {CAST.token(who)}", Till(*fixes))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_every_step_works_straight_at_the_shop(step: Step) -> None:
    side = counter()
    assert deviations(side.send(step.calls), step.straight, side) == []


# A flood of 40 is within the shop's own limit of 60; test_app floods it with more.
@pytest.mark.parametrize(
    "step", [step for step in STEPS if "flood" not in step.title], ids=lambda step: step.title
)
def test_with_every_fix_no_attack_works_and_honest_traffic_passes(step: Step) -> None:
    side = counter(*IDS)
    found = deviations(side.send(step.calls), step.straight, side)
    assert (found == []) == (step.kind is Kind.HONEST)


def test_steps_are_acted_on_both_sides_and_deviations_are_told() -> None:
    honest = next(chapter for chapter in CHAPTERS if chapter.title == "Honest customers")
    pairs = list(acted([honest], counter(), counter(*IDS)))
    assert [outcome.deviations for _chapter, outcome in pairs] == [()] * len(honest.steps)
    attacks = list(acted(CHAPTERS[:1], counter(), counter()))
    assert all("200 instead of 401" in str(outcome.deviations) for _chapter, outcome in attacks)


def test_a_side_that_does_not_answer_is_a_deviation() -> None:
    @dataclass(frozen=True, slots=True)
    class Silent(Side):
        def _send(self, call: Call) -> Answer:
            raise ConnectionRefusedError("refused")

    chapter = Chapter("x", (STEPS[0],))
    ((_chapter, outcome),) = acted([chapter], Silent(("", 0), WORDS, CAST.token), counter())
    assert "does not answer" in outcome.deviations[0]


class Notes:
    """A record that holds one Event."""

    def __init__(self, row: Notable | None, unexplained: str = "") -> None:
        self._row, self._unexplained = row, unexplained

    def find(self, _reference: str, _code: str, _path: str) -> Notable | None:
        return self._row

    def explains(self, _reference: str) -> str:
        return self._unexplained


def notable(code: str) -> Notable:
    reasons = (Reason(code),)
    event = Event(
        id="0abc", time_ms=0, policy="", verdict="deny", enforcement="enforced", reasons=reasons
    )
    return Notable(event, b"")


EXPIRED = next(step for step in STEPS if step.guarded.code == "identify.expired")
REFUSED = Outcome(EXPIRED, Answer(200, "", ""), Answer(401, "", '{"reference": "0abc"}'))


def known(outcome: Outcome, row: Notable | None, unexplained: str = "") -> Outcome:
    return recorded(outcome, cast("Record", Notes(row, unexplained)))


def test_a_refusal_gets_its_reason_and_reference_from_the_record() -> None:
    outcome = known(REFUSED, notable("identify.expired"))
    assert (outcome.reference, outcome.reason) == ("0abc", "the token has expired")
    assert outcome.deviations == ()


@pytest.mark.parametrize(
    ("outcome", "row", "unexplained", "told"),
    [
        (REFUSED, None, "", "nothing is recorded"),
        (REFUSED, notable("identify.signature"), "", "identify.signature instead"),
        (REFUSED, notable("identify.expired"), "1 fields are not explained", "not explained"),
        (replace(REFUSED, guarded=Answer(401, "", "")), None, "", "no reference id"),
    ],
)
def test_another_record_is_a_deviation(
    outcome: Outcome, row: Notable | None, unexplained: str, told: str
) -> None:
    assert told in known(outcome, row, unexplained).deviations[0]


def test_what_expects_no_code_needs_no_record() -> None:
    step = next(step for step in STEPS if step.kind is Kind.HONEST)
    outcome = Outcome(step, Answer(200, "", ""), Answer(200, "", ""))
    assert known(outcome, None) is outcome


def test_address_is_host_and_port() -> None:
    assert address("http://127.0.0.1:8080") == ("127.0.0.1", 8080)
