"""Goes through the steps: both sides, what was expected, what was recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.console.demo.client import Answer, Side
from bartizan.console.demo.record import sentence
from bartizan.console.demo.steps import Chapter, Expect, Kind, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.console.demo.record import Record
    from bartizan.console.demo.stage import Stage

NO_ANSWER = Answer(0, "", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step gave. deviations: what was not as told; empty when all was."""

    step: Step
    straight: Answer
    guarded: Answer
    deviations: tuple[str, ...] = ()
    reference: str = ""
    reason: str = ""

    def as_data(self) -> dict[str, object]:
        """For `--json`."""
        step = self.step
        return {
            "weakness": step.weakness or None,
            "kind": str(step.kind),
            "title": step.title,
            "request": step.shown,
            "shop": self.straight.status,
            "bartizan": self.guarded.status,
            "reason": self.reason or None,
            "reference": self.reference or None,
            "deviations": list(self.deviations),
        }


def sides(stage: Stage, header: Callable[[str], str]) -> tuple[Side, Side]:
    """The shop and Bartizan, as the steps call them."""
    common = {"insider": stage.insider}
    return (
        Side(address(stage.shop), {"n": "1", "item": "Teapot", **common}, header),
        Side(address(stage.guarded), {"n": "2", "item": "Lantern", **common}, header),
    )


def address(url: str) -> tuple[str, int]:
    """Host and port of a base URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def acted(
    chapters: Sequence[Chapter], straight: Side, guarded: Side
) -> Iterator[tuple[Chapter, Outcome]]:
    """Each step on both sides, with what the answers show."""
    for chapter in chapters:
        for step in chapter.steps:
            yield chapter, _act(step, straight, guarded)


def _act(step: Step, straight: Side, guarded: Side) -> Outcome:
    answers, found = [], []
    for name, side, expected in (
        ("the shop", straight, step.straight),
        ("Bartizan", guarded, step.guarded),
    ):
        try:
            answer = side.send(step.calls)
        except OSError as fault:
            answer = NO_ANSWER
            found.append(f"{name} does not answer: {fault}")
        else:
            found += [f"{name}: {own}" for own in deviations(answer, expected, side)]
        answers.append(answer)
    return Outcome(step, answers[0], answers[1], tuple(found))


def deviations(answer: Answer, expected: Expect, side: Side) -> list[str]:
    """What an answer is not as told."""
    found = []
    if answer.status != expected.status:
        found.append(f"{answer.status} instead of {expected.status}")
    holds, lacks = side.filled(expected.holds), side.filled(expected.lacks)
    if holds and holds not in answer.text:
        found.append(f"`{holds}` is missing")
    if lacks and lacks in answer.text:
        found.append(f"`{lacks}` is there")
    return found


def recorded(outcome: Outcome, record: Record) -> Outcome:
    """With the reason that Bartizan recorded, held against the expected one."""
    step, reference = outcome.step, outcome.guarded.reference
    code = step.guarded.code
    if not code:
        return outcome
    if step.kind is Kind.REFUSED and not reference:
        return _more(outcome, "Bartizan: the answer has no reference id")
    path = step.calls[-1].target.partition("?")[0]
    row = record.find(reference, code, path)
    if row is None:
        return _more(outcome, "Bartizan: nothing is recorded")
    fitting = [reason for reason in row.event.reasons if reason.code == code]
    reason = fitting[0] if fitting else row.event.leading
    known = replace(outcome, reference=row.event.id, reason=sentence(reason))
    if not fitting:
        known = _more(known, f"Bartizan: {reason.code if reason else 'nothing'} instead of {code}")
    unexplained = record.explains(row.event.id)
    return _more(known, f"explain: {unexplained}") if unexplained else known


def _more(outcome: Outcome, deviation: str) -> Outcome:
    return replace(outcome, deviations=(*outcome.deviations, deviation))
