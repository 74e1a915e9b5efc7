import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.console.cli import main, tail
from bartizan.console.cli.tail import one_line
from bartizan.gateway.tail import Filter
from bartizan.model.event import parse_event
from tests.unit.console.cli.records import REF, line


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Filter]]:
    found: list[tuple[Path, Filter]] = []

    def follow(path: Path, wanted: Filter) -> Iterator[bytes]:
        found.append((path, wanted))
        yield from (line(), line())

    monkeypatch.setattr(tail, "follow", follow)
    return found


def test_filters_go_to_the_control_process(
    asked: list[tuple[Path, Filter]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["tail", "--state", str(tmp_path), "--verdict", "deny", "--status", "4xx", "--json"]
    assert main(words) == 0
    assert asked == [(tmp_path / "control.sock", Filter(verdict="deny", status="4xx"))]
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(own)["id"] for own in lines] == [REF, REF]


def test_a_count_ends_it(
    asked: list[tuple[Path, Filter]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tail", "--state", str(tmp_path), "--count", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(asked) == 1


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
