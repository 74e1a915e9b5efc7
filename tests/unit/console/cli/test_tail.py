import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.console import probes
from bartizan.console.cli import main, tail
from bartizan.console.cli.tail import one_line
from bartizan.gateway.tail import Filter
from bartizan.model.event import parse_event
from tests.unit.console.cli.records import REF, line, record

Asked = tuple[Path, Filter, int]
Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    found: list[Asked] = []

    def follow(path: Path, wanted: Filter, last: int) -> Iterator[bytes]:
        found.append((path, wanted, last))
        yield from (line(), line())

    monkeypatch.setattr(tail, "follow", follow)
    return found


def test_filters_go_to_the_control_process(
    asked: list[Asked], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["tail", "--state", str(tmp_path), "--verdict", "deny", "--status", "4xx", "--json"]
    assert main(words) == 0
    assert asked == [(tmp_path / "control.sock", Filter(verdict="deny", status="4xx"), 0)]
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(own)["id"] for own in lines] == [REF, REF]


def test_a_count_ends_it(
    asked: list[Asked], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tail", "--state", str(tmp_path), "--count", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(asked) == 1


def test_what_went_before_is_shown_on_request(asked: list[Asked], tmp_path: Path) -> None:
    assert main(["tail", "--state", str(tmp_path), "-n", "5"]) == 0
    assert asked == [(tmp_path / "control.sock", Filter(), 5)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--count", "0"], "argument --count: `0` is no whole number from 1 on"),
        (["--last", "-1"], "argument -n/--last: `-1` is no whole number from 0 on"),
        (["--status", "teapot"], "`teapot` is no status"),
        (["--operation", "POST /usres"], "unknown operation `POST /usres`"),
    ],
)
def test_a_filter_that_can_fit_nothing_is_wrong_use(
    words: list[str], told: str, asked: list[Asked], tmp_path: Path, capsys: Capsys
) -> None:
    record(tmp_path, operations=["POST /users"])
    assert main(["tail", "--state", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err
    assert asked == []


def test_no_control_process_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tail", "--state", str(tmp_path)]) == 3
    assert "start `bartizan up` first" in capsys.readouterr().err


def test_a_line_tells_time_status_verdict_route_caller_and_reason() -> None:
    text = one_line(parse_event(line(time_ms=3_661_000)))
    assert text == (
        "01:01:01 201 deny (shadow)      POST /users 127.0.0.1 1.5 ms inspect.body-schema " + REF
    )


def test_a_hostile_path_does_not_steer_the_terminal() -> None:
    assert "\033" not in one_line(parse_event(line(path="/\x1b[2J")))


def test_the_request_of_doctor_is_shown_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    other = REF[:-1] + ("a" if REF[-1] != "a" else "b")
    lines = (line(REF, decided_status=400), line(other, decided_status=400))
    monkeypatch.setattr(tail, "follow", lambda *_asked: iter(lines))
    assert probes.remember(tmp_path, REF)
    assert main(["tail", "--state", str(tmp_path)]) == 0
    ours, theirs = capsys.readouterr().out.splitlines()
    assert ours.endswith(f"{REF} (bartizan doctor)")
    assert theirs.endswith(other)
    assert main(["tail", "--state", str(tmp_path), "--json"]) == 0
    told = [json.loads(one).get("probe") for one in capsys.readouterr().out.splitlines()]
    assert told == [True, None]
