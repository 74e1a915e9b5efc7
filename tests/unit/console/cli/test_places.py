from argparse import Namespace
from pathlib import Path

import pytest

from bartizan.console.cli.flags import Flags
from bartizan.console.cli.places import (
    chosen_of,
    config_of,
    declare_overrides,
    declare_state,
    state_of,
)
from tests.unit.console.streams import Kept


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def args(*words: str) -> Namespace:
    flags = Flags("bartizan up", "Up.")
    declare_overrides(flags)
    return flags.parse(words)


def test_the_usual_config_is_taken_only_if_it_is_there() -> None:
    assert config_of(args()) is None
    Path("bartizan.yaml").touch()
    assert config_of(args()) == Path("bartizan.yaml")
    assert config_of(args("--config", "x.yaml")) == Path("x.yaml")


def test_the_state_directory_is_that_of_the_flag_then_of_the_config() -> None:
    assert state_of(args()) == Path(".bartizan")
    Path("bartizan.yaml").write_text("upstream: http://a\nstate: kept\n")
    assert state_of(args()) == Path("kept")
    assert state_of(args("--state", "flag")) == Path("flag")


def test_flags_become_overrides_as_they_were_written() -> None:
    chosen = chosen_of(args("http://a", "--mode", "enforce", "--workers", "2"), Kept().terminal)
    assert (chosen.overrides.upstream, chosen.overrides.mode) == ("http://a", "enforce")
    assert (chosen.overrides.workers, chosen.overrides.listen) == ("2", None)


def test_a_verb_without_overrides_gives_none() -> None:
    flags = Flags("bartizan tail", "Tail.")
    declare_state(flags)
    assert chosen_of(flags.parse([]), Kept().terminal).overrides.upstream is None
