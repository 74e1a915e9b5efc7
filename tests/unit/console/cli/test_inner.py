from argparse import ArgumentParser

import pytest

from bartizan.console.cli.flags import Flags
from bartizan.console.cli.inner import declare_inner
from bartizan.console.terminal import Stopped


def flags() -> Flags:
    made = Flags("bartizan keys", "Keys.")
    made.add_argument("--json", action="store_true")
    wanted = {"show": "all of one", "list": "all of them"}

    def declare(name: str, own: ArgumentParser) -> None:
        own.add_argument(f"--{name}-flag")

    declare_inner(made, wanted, declare)
    return made


@pytest.mark.parametrize("words", [["--json", "show"], ["show", "--json"]])
def test_json_may_stand_before_or_after_the_inner_verb(words: list[str]) -> None:
    found = flags().parse(words)
    assert (found.action, found.json) == ("show", True)


def test_each_inner_verb_has_its_own_flags_and_the_places() -> None:
    found = flags().parse(["list", "--list-flag", "x", "--state", "s"])
    assert (found.list_flag, found.state, found.json) == ("x", "s", False)
    with pytest.raises(Stopped):
        flags().parse(["list", "--show-flag", "x"])


def test_an_inner_verb_is_needed() -> None:
    with pytest.raises(Stopped):
        flags().parse([])
