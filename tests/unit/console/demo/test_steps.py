from __future__ import annotations

import pytest

from bartizan.console.demo.shop.weaknesses import IDS
from bartizan.console.demo.stage import DOCUMENT
from bartizan.console.demo.steps import CHAPTERS, Kind, Step
from bartizan.policy.words import code_facts

STEPS = [step for chapter in CHAPTERS for step in chapter.steps]


def test_every_class_of_the_top_ten_is_shown() -> None:
    assert {step.weakness for step in STEPS} - {""} == IDS


def test_what_is_not_yet_stopped_stands_in_the_last_chapter_and_only_there() -> None:
    *_others, last = CHAPTERS
    assert {step.kind for step in last.steps} == {Kind.OPEN}
    assert [step for step in STEPS if step.kind is Kind.OPEN] == list(last.steps)
    assert [step.weakness for step in last.steps] == ["API1", "API5", "API6", "API7", "API10"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_words_fit_into_their_columns(step: Step) -> None:
    assert len(step.title) <= 42
    assert len(step.shown) <= 69
    assert max(len(step.straight_words), len(step.guarded_words)) <= 45


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_refusals_name_their_code_and_its_status(step: Step) -> None:
    if step.kind is Kind.REFUSED:
        assert code_facts()[step.guarded.code].status == step.guarded.status


def test_honest_steps_expect_the_same_on_both_sides() -> None:
    honest = [step for step in STEPS if step.kind is Kind.HONEST]
    assert len(honest) >= 5
    assert all(step.straight == step.guarded for step in honest)


def test_calls_name_only_paths_that_the_document_or_an_attack_knows() -> None:
    undeclared = {"/debug", "/v0/users/1", "/"}
    text = DOCUMENT.read_text(encoding="utf-8")
    for step in STEPS:
        for call in step.calls:
            top = "/" + call.target.split("?")[0].split("/")[1]
            assert call.target in undeclared or f"  {top}" in text
