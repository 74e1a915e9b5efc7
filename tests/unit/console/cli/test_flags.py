from argparse import ArgumentTypeError

import pytest

from bartizan.console.cli.flags import Flags, at_least
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


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("--port", "did you mean `--listen HOST:PORT`?"),
        ("--prot", "did you mean `--listen HOST:PORT`?"),
        ("--backend", "give it without a flag: `bartizan up UPSTREAM`"),
        ("--threads", "`bartizan up --help` explains it"),
    ],
)
def test_a_flag_that_others_have_leads_to_ours_where_there_is_one(word: str, hint: str) -> None:
    made = Flags("bartizan up", "Puts it up.")
    made.add_argument("--listen", metavar="HOST:PORT")
    made.add_argument("upstream", nargs="?")
    with pytest.raises(Stopped, match="unknown flag") as stop:
        made.parse([word, "80"])
    assert stop.value.hint == hint


@pytest.mark.parametrize(
    "words",
    [
        ["FILE", "--json", "URL"],
        ["--json", "FILE", "URL"],
        ["FILE", "URL", "--json"],
        ["--listen", "a:1", "FILE", "--json", "URL"],
    ],
)
def test_words_by_place_stand_before_between_and_behind_flags(words: list[str]) -> None:
    made = flags()
    made.add_argument("--json", action="store_true")
    made.add_argument("file")
    made.add_argument("upstream", nargs="?")
    found = made.parse(words)
    assert (found.file, found.upstream, found.json) == ("FILE", "URL", True)
    with pytest.raises(Stopped, match="unknown argument `MORE`"):
        made.parse([*words, "MORE"])


def test_inner_verbs_take_them_in_any_order_too() -> None:
    made = Flags("bartizan keys", "Keys.")
    scan = made.add_subparsers(dest="action").add_parser("scan", description="Scans.")
    scan.add_argument("--json", action="store_true")
    scan.add_argument("paths", nargs="+")
    found = made.parse(["scan", "a", "--json", "b"])
    assert (found.paths, found.json) == (["a", "b"], True)


def test_a_misspelt_flag_is_told_before_what_it_leaves_out() -> None:
    made = flags()
    made.add_argument("--owner", required=True)
    with pytest.raises(Stopped, match="unknown flag `--ownr`") as stop:
        made.parse(["--ownr", "x"])
    assert stop.value.hint == "did you mean `--owner`?"
    with pytest.raises(Stopped, match="required: --owner"):
        made.parse(["--", "--ownr"])


def test_a_flag_is_never_abbreviated() -> None:
    with pytest.raises(Stopped):
        flags().parse(["--lis", "a:1"])


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert at_least(0)(text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "ten", "\u0661"])
def test_what_is_no_such_number_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="no whole number from 1 on"):
        at_least(1)(text)
