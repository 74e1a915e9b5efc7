from argparse import Namespace
from pathlib import Path

import pytest

from bartizan.console.cli.kept import kept, require_operations, span_ms
from bartizan.console.terminal import Stopped
from tests.unit.console.cli.records import REF, line, record


def test_what_was_recorded_is_found(tmp_path: Path) -> None:
    record(tmp_path, line())
    with kept(Namespace(state=str(tmp_path), config=None)) as store:
        assert store.find(REF) is not None


def test_a_directory_without_records_is_one_message(tmp_path: Path) -> None:
    missing = Namespace(state=str(tmp_path / "none"), config=None)
    with pytest.raises(Stopped, match="nothing is recorded"), kept(missing):
        pass
    assert not (tmp_path / "none").exists()


def test_an_operation_is_known_by_the_policy_or_by_what_was_refused(tmp_path: Path) -> None:
    args = Namespace(state=str(tmp_path), config=None)
    require_operations(args, ["GET /x"])
    record(tmp_path, line(operation="", path="/nowhere"))
    require_operations(args, ["GET /x"])
    record(tmp_path, operations=["GET /users"])
    require_operations(args, ["", "GET /users", "POST /nowhere"])
    with pytest.raises(Stopped, match="unknown operation `GET /x`"):
        require_operations(args, ["GET /users", "GET /x"])


@pytest.mark.parametrize(("text", "ms"), [("90s", 90_000), ("15m", 900_000), ("7d", 604_800_000)])
def test_spans_have_a_unit(text: str, ms: int) -> None:
    assert span_ms(text) == ms


@pytest.mark.parametrize("text", ["", "5", "h", "-1h", "1w"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(Stopped):
        span_ms(text)
