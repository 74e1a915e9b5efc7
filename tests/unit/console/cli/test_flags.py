import pytest

from bartizan.console.cli.flags import Flags
from bartizan.console.terminal import Stopped


def flags() -> Flags:
    made = Flags("bartizan up", "Puts it up.")
    made.add_argument("--listen")
    return made


def test_known_flags_are_parsed() -> None:
    assert flags().parse(["--listen", "a:1"]).listen == "a:1"
    assert flags().parse(["--listen=a:1"]).listen == "a:1"


@pytest.mark.parametrize("words", [["--lisen=a:1"], ["--listn", "x"]])
def test_a_misspelt_flag_gets_a_suggestion(words: list[str]) -> None:
    with pytest.raises(Stopped) as stop:
        flags().parse(words)
    assert stop.value.hint == "did you mean `--listen`?"


def test_a_flag_is_never_abbreviated() -> None:
    with pytest.raises(Stopped):
        flags().parse(["--lis", "a:1"])
