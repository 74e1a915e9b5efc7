import runpy
import sys

import pytest


def test_the_package_runs_as_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bartizan", "version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bartizan", run_name="__main__")
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("bartizan ")
