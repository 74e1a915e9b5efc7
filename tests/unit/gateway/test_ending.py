from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from bartizan.gateway import ending


@pytest.fixture(autouse=True)
def unhandled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Nobody handles SIGTERM; gives what would be sent to the process at its end."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _process, number: sent.append(number))
    monkeypatch.setattr(ending, "_STOPS", [])
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield sent
    signal.signal(signal.SIGTERM, before)


def test_the_last_is_written_before_the_signal_ends_the_process(
    unhandled: list[int],
) -> None:
    done: list[str] = []
    ending.at_end(lambda: done.append("written"))
    ending.listen()
    signal.raise_signal(signal.SIGTERM)
    for one in threading.enumerate():
        if one.name == "bartizan-end":
            one.join(5)
    assert done == ["written"]
    assert unhandled == [signal.SIGTERM]
    # A second one ends it at once, however long the writing takes.
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda _number, _frame: None])
def test_a_handler_of_the_server_is_left_alone(handler: Callable[[int, object], None]) -> None:
    signal.signal(signal.SIGTERM, handler)
    ending.listen()
    assert signal.getsignal(signal.SIGTERM) == handler


def test_away_from_the_main_thread_nothing_is_touched() -> None:
    thread = threading.Thread(target=ending.listen)
    thread.start()
    thread.join(5)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
