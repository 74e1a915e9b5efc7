from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.console.demo.client import Answer
from bartizan.console.demo.show import Show
from bartizan.console.demo.stage import Stage
from bartizan.console.demo.steps import CHAPTERS, Kind
from bartizan.console.demo.tour import Outcome

STAGE = Stage(
    Path("/tmp/bartizan-abcdefgh"),  # noqa: S108, only shown
    "http://127.0.0.1:40001",
    "http://127.0.0.1:40002",
    "http://127.0.0.1:40003",
    "http://127.0.0.1:40004",
)
PLAIN, COLOURFUL = Show(colour=False), Show(colour=True)
REASON = "a header tries to override the method or the target, at a place whose name is long"
OUTCOMES = [
    Outcome(
        step,
        Answer(step.straight.status, "", ""),
        Answer(step.guarded.status, "", ""),
        reference="0123456789abcdef" if step.guarded.code else "",
        reason=REASON if step.guarded.code else "",
    )
    for chapter in CHAPTERS
    for step in chapter.steps
]


def whole(show: Show, outcomes: list[Outcome]) -> str:
    parts = [show.opening(STAGE, "cd /tmp/bartizan-abcdefgh")]
    parts += [show.chapter(chapter) for chapter in CHAPTERS]
    for number, outcome in enumerate(outcomes, 1):
        parts += [show.heading(number, outcome), show.straight(outcome), show.guarded(outcome)]
    parts += [show.table(outcomes), show.summary(outcomes), show.closing(STAGE, "cd x")]
    return "\n".join([*parts, show.farewell()])


def test_everything_fits_into_80_columns() -> None:
    assert [line for line in whole(PLAIN, OUTCOMES).splitlines() if len(line) > 80] == []


def test_without_colour_there_is_not_one_escape() -> None:
    assert "\033" not in whole(PLAIN, OUTCOMES)
    assert "\033[31m200 works" in whole(COLOURFUL, OUTCOMES)


def test_a_refusal_shows_reason_and_command() -> None:
    text = PLAIN.guarded(OUTCOMES[0])
    assert "401 refused" in text
    assert "bartizan explain 0123456789abcdef" in text
    assert " ".join(text.split()).count("override the method") == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.DEFUSED, "cleaned"),
        (Kind.HONEST, "passes    the same answer"),
        (Kind.OPEN, "passes    not yet stopped"),
    ],
)
def test_every_kind_has_its_words(kind: Kind, words: str) -> None:
    outcome = next(one for one in OUTCOMES if one.step.kind is kind)
    assert words in PLAIN.guarded(outcome)


def test_all_as_told_is_said() -> None:
    text = PLAIN.summary(OUTCOMES)
    assert "16 attacks stopped, 6 honest requests passed, 5 attacks not yet stopped." in text
    assert "Every step went as told." in text


def test_a_deviation_is_named_at_its_step_and_in_the_end() -> None:
    outcomes = [*OUTCOMES]
    outcomes[1] = replace(outcomes[1], deviations=("Bartizan: 200 instead of 401",))
    assert "not as told: Bartizan: 200 instead of 401" in PLAIN.guarded(outcomes[1])
    assert "not as told" in PLAIN.table(outcomes).splitlines()[2]
    assert "15 attacks stopped" in PLAIN.summary(outcomes)
    assert "Not as told: step 2." in PLAIN.summary(outcomes)


def test_words_from_outside_do_not_steer_the_terminal() -> None:
    outcome = replace(OUTCOMES[0], reason="a\033[2Jb")
    assert "\033" not in PLAIN.guarded(outcome)
