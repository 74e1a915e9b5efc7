from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.gateway.guard import Choice
from bartizan.gateway.mount import Base
from tests.unit.gateway.mounted import DOCUMENT


class Gaps(Base):
    """A mount of its own."""

    gaps = ("tides",)


def test_the_guard_is_compiled_once_and_tells_what_it_cannot_check(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mount = Gaps(object(), Choice(None, DOCUMENT, "enforce"))
    assert mount._open() is mount._open()
    assert capsys.readouterr().err.count("not here: tides") == 1


def test_a_fault_is_said_once_and_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mount = Gaps(object(), Choice(tmp_path / "missing.yaml", DOCUMENT))
    assert [mount._open(), mount._open()] == [None, None]
    assert capsys.readouterr().err.count("cannot start") == 1


def test_other_attributes_are_those_of_the_app() -> None:
    assert Gaps("text", Choice()).upper() == "TEXT"
