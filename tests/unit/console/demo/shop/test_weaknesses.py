from __future__ import annotations

import pytest

from bartizan.console.demo.shop.weaknesses import IDS, WEAKNESSES, chosen
from tests.conftest import ROOT


def test_there_is_one_weakness_for_each_class_of_the_top_ten() -> None:
    assert [weakness.id for weakness in WEAKNESSES] == [f"API{n}" for n in range(1, 11)]


def test_several_weaknesses_can_be_chosen_in_any_case() -> None:
    assert chosen("api3, API1") == {"API1", "API3"}
    assert chosen("") == frozenset()
    assert chosen("all") == IDS


def test_an_unknown_weakness_is_refused() -> None:
    with pytest.raises(ValueError, match="API11"):
        chosen("API11")


def test_the_page_of_the_shop_tells_every_weakness_and_its_fix() -> None:
    page = (ROOT / "docs/start/the-shop.md").read_text(encoding="utf-8")
    for one in WEAKNESSES:
        assert f"| {one.id} | {one.title} | {one.hole} | {one.fix} |" in page
