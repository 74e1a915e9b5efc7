import argparse
from importlib import import_module

import pytest

from bartizan.console.cli import FOUND_WHEN, VERBS, flags_of
from bartizan.console.cli.reference import page


def arguments(flags: argparse.ArgumentParser) -> set[str]:
    found = {word for action in flags._actions for word in action.option_strings}
    return found - {"-h", "--help", "--json"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_flag_of_every_verb_stands_on_the_page(verb: str) -> None:
    section = page().split(f"\n## {verb}\n")[1].split("\n## ")[0]
    missing = [
        word
        for word in arguments(flags_of(verb, import_module(VERBS[verb][0])))
        if f"`{word}" not in section and f", {word}" not in section
    ]
    assert missing == []


def test_what_a_verb_takes_without_a_flag_comes_first() -> None:
    section = page().split("\n## replay\n")[1]
    assert section.index("`FILE`") < section.index("`[UPSTREAM]`") < section.index("`--config")


def test_a_verb_that_can_find_something_says_when() -> None:
    assert set(FOUND_WHEN) <= set(VERBS)
    assert "Status 1 when operations cannot be checked" in page()
