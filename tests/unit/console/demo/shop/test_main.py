from __future__ import annotations

import pytest

from bartizan.console.demo.shop.__main__ import flags


def test_fixes_are_chosen_by_flag_or_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert flags().parse_args([]).fix == frozenset()
    assert flags().parse_args(["--fix", "API3"]).fix == {"API3"}
    monkeypatch.setenv("SHOP_FIX", "API1")
    assert flags().parse_args([]).fix == {"API1"}


def test_an_unknown_fix_ends_with_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        flags().parse_args(["--fix", "API99"])
    assert "--fix" in capsys.readouterr().err


def test_help_lists_every_planted_weakness() -> None:
    assert "API10" in flags().format_help()
