import io
import sys

import pytest

from bartizan.console.cli.consent import require_consent
from bartizan.console.terminal import Stopped, Terminal


class Person(io.StringIO):
    def isatty(self) -> bool:
        return True


def ask(stdin: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, is_given: bool = False) -> str:
    monkeypatch.setattr(sys, "stdin", stdin)
    err = io.StringIO()
    require_consent(Terminal(io.StringIO(), err), ["the house burns"], is_given=is_given)
    return err.getvalue()


def test_what_will_happen_is_shown_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(Person("y\n"), monkeypatch).startswith("the house burns\n")
    assert ask(io.StringIO(), monkeypatch, is_given=True) == "the house burns\n"


@pytest.mark.parametrize("stdin", [Person("\n"), Person("n\n"), Person(""), io.StringIO("y\n")])
def test_nothing_happens_without_a_yes(stdin: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Stopped, match="nothing was changed"):
        ask(stdin, monkeypatch)
