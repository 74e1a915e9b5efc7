import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from bartizan.console import wire
from bartizan.console.cli import main
from bartizan.policy import replay as policy_replay
from tests.unit.console.built import built
from tests.unit.console.cli.records import line


@pytest.fixture
def captures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of captures, and a core that gives each back as its Event."""
    config = tmp_path / "bartizan.yaml"
    config.write_text("upstream: http://127.0.0.1:8000\n")

    def judged(
        _court: object, lines: Iterable[bytes], unread: Callable[[int], None]
    ) -> Iterator[tuple[int, bytes]]:
        for number, one in enumerate(lines, 1):
            if one.startswith(b"bad"):
                raise policy_replay.CaptureFault(number, "not a capture")
            if one.startswith(b"unread"):
                unread(number)
            else:
                yield number, one.strip()

    monkeypatch.setattr(wire, "build", lambda *_args: built(config))
    monkeypatch.setattr(policy_replay, "judged", judged)
    return tmp_path / "captures.jsonl"


def test_each_capture_gives_its_event(captures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    captures.write_bytes(line(verdict="allow") + b"\n" + line() + b"\n")
    assert main(["replay", str(captures), "--json"]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(one)["verdict"] for one in out.splitlines()] == ["allow", "deny"]
    assert err == "1 allow, 1 deny\n"


def test_captures_that_all_pass_are_clean(captures: Path) -> None:
    captures.write_bytes(line(verdict="allow") + b"\n")
    assert main(["replay", str(captures)]) == 0


def test_a_capture_that_cannot_be_judged_is_named_and_never_clean(
    captures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captures.write_bytes(line(verdict="allow") + b"\nunread\n")
    assert main(["replay", str(captures)]) == 3
    err = capsys.readouterr().err
    assert f"{captures}:2: not judged: its body was not kept" in err
    assert "1 allow, 1 not judged" in err
    captures.write_bytes(line() + b"\nunread\n")
    assert main(["replay", str(captures)]) == 1
    captures.write_bytes(b"unread\n")
    assert main(["replay", str(captures)]) == 3


def test_a_line_that_is_no_capture_is_named(
    captures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captures.write_bytes(line(verdict="allow") + b"\nbad\n")
    assert main(["replay", str(captures)]) == 2
    assert f"error: {captures}:2: not a capture" in capsys.readouterr().err


def test_a_file_without_an_exchange_is_not_taken_for_clean(
    captures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captures.write_bytes(b"")
    assert main(["replay", str(captures)]) == 2
    assert f"`{captures}` holds no exchange" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_one_message(
    captures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(captures)]) == 2
    assert "cannot be read" in capsys.readouterr().err
