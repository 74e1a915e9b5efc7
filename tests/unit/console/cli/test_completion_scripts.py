"""What the scripts hold; that real shells complete by them is a journey."""

from collections.abc import Callable, Sequence

import pytest

from bartizan.console.cli.completion_scripts import bash, fish, zsh
from bartizan.console.cli.completion_words import Option, Verb

MODE = Option(("--mode", "-m"), ("shadow", "enforce"), takes_value=True, about="how; it's told")
FILE = Option(("--file",), (), takes_value=True, about="a file")
SHELL = Option((), ("csh",), takes_value=True, about="a shell")
WORDS = [
    Verb("up", "it's up", (MODE, FILE)),
    Verb("keys", "keys", (), (Verb("create", "a key", (SHELL,)),)),
]
Script = Callable[[Sequence[Verb]], str]


@pytest.mark.parametrize("script", [bash, fish, zsh])
def test_every_word_is_there(script: Script) -> None:
    text = script(WORDS)
    for word in ("up", "keys", "create", "shadow", "enforce", "csh", "mode", "file"):
        assert word in text


@pytest.mark.parametrize("script", [fish, zsh])
def test_a_quote_in_a_text_does_not_end_it(script: Script) -> None:
    told = {"fish": "it\\'s up", "zsh": "it'\\''s up"}[script.__name__]
    assert told in script(WORDS)


def test_inner_verbs_are_completed_behind_their_own_verb_alone() -> None:
    assert "'keys create') case $before" in bash(WORDS)
    assert "__bartizan_at keys create" in fish(WORDS)
    assert "'keys create')\n" in zsh(WORDS)
    assert "up create" not in bash(WORDS) + fish(WORDS) + zsh(WORDS)
