import time

import pytest

from bartizan.console import terminal
from bartizan.console.terminal import BROKEN, Stopped
from tests.unit.console.streams import Kept, Tty


def test_data_and_talk_go_to_different_streams() -> None:
    kept = Kept()
    kept.terminal.put("data")
    kept.terminal.put_json({"a": "ü"})
    kept.terminal.say("talk")
    assert (kept.data, kept.talk) == ('data\n{"a": "ü"}\n', "talk\n")


@pytest.mark.parametrize(
    ("environ", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_people_who_did_not_refuse_it(environ: dict[str, str], colour: bool) -> None:
    assert Kept(environ, out=Tty()).terminal.is_colourful is colour
    assert Kept(environ, err=Tty()).terminal.talk_is_colourful is colour
    assert not Kept(environ).terminal.is_colourful


def test_quick_work_shows_no_progress() -> None:
    kept = Kept()
    with kept.terminal.progress("working"):
        pass
    assert kept.talk == ""


@pytest.mark.parametrize("stream", [Kept, lambda: Kept(err=Tty())])
def test_slow_work_says_what_it_is(stream: type[Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PROGRESS_AFTER_S", 0.0)
    kept = stream()
    with kept.terminal.progress("working"):
        deadline = time.monotonic() + 5
        while "working" not in kept.talk and time.monotonic() < deadline:
            pass
    assert "working" in kept.talk


def test_a_stop_carries_its_hint_and_status() -> None:
    stop = Stopped("no", hint="do that", status=BROKEN)
    assert (str(stop), stop.hint, stop.status) == ("no", "do that", 3)
