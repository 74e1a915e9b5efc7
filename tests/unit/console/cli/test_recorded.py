import io
from pathlib import Path

import pytest

from bartizan.console.cli.recorded import read_recording
from bartizan.console.terminal import Stopped


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_bytes(b"{}\n")
    assert read_recording(str(file)).lines == (b"{}",)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{}\n")))
    one = read_recording("-")
    assert (one.lines, one.place(1)) == ((b"{}",), "standard input:1")


def test_a_file_that_is_not_there_is_one_message() -> None:
    with pytest.raises(Stopped, match="cannot be read"):
        read_recording("nowhere.har")
