from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.console import demo
from bartizan.console.cli.flags import Flags
from tests.unit.console.demo.test_show import OUTCOMES, STAGE


def test_once_is_a_flag() -> None:
    flags = Flags(prog="bartizan demo", description="")
    demo.declare(flags)
    assert flags.parse(["--once"]).once
    assert not flags.parse([]).once


def test_data_tells_every_step_and_whether_all_went_as_told() -> None:
    told = demo.data(STAGE, OUTCOMES)
    assert told["as_told"] is True
    assert told["urls"] == {
        "shop": "http://127.0.0.1:40001",
        "bartizan": "http://127.0.0.1:40003",
        "admin": "http://127.0.0.1:40004",
    }
    wrong = replace(OUTCOMES[0], deviations=("x",))
    assert demo.data(STAGE, [wrong])["as_told"] is False


def test_one_deviation_anywhere_is_exit_status_1() -> None:
    assert demo.status(OUTCOMES) == 0
    assert demo.status([*OUTCOMES, replace(OUTCOMES[0], deviations=("x",))]) == 1


def test_entry_names_the_path_of_the_command_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["there/bin/bartizan"])
    monkeypatch.setenv("PATH", "")
    assert demo.entry(Path("x")) == f"cd x; PATH={Path.cwd()}/there/bin:$PATH"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert demo.entry(Path("x")) == "cd x"
