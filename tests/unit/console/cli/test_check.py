import json
from pathlib import Path

import pytest

from bartizan.console import wire
from bartizan.console.cli import main
from bartizan.model.errors import Diagnostic, fault
from tests.unit.console.built import FakeCompiled, built

LOST = Diagnostic(
    code="description.unrepresentable", message="`x`", file="a.json", line=3, severity="warning"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\n")
    return file


def compile_to(monkeypatch: pytest.MonkeyPatch, config: Path, compiled: FakeCompiled) -> list[str]:
    monkeypatch.setattr(wire, "build", lambda *_args: built(config, compiled))
    monkeypatch.setattr(wire, "require_loadable", lambda _compiled: None)
    return ["check", "--config", str(config)]


def test_a_clean_config_is_one_line(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(compile_to(monkeypatch, config, FakeCompiled())) == 0
    assert capsys.readouterr() == ("2 operations; policy aaaaaaaaaaaaaaaa\n", "")


def test_an_operation_that_cannot_be_checked_is_a_finding_with_its_line(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = compile_to(monkeypatch, config, FakeCompiled(unrepresentable=(LOST,)))
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert "1 of them cannot be checked" in out
    assert "a.json:3" in err
    assert main([*words, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["unrepresentable"]) == (False, 1)
    assert data["diagnostics"][0]["line"] == 3


def test_a_fault_is_json_too(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_args: object) -> None:
        raise fault("document.empty", "the document is empty", file="a.json")

    monkeypatch.setattr(wire, "build", refuse)
    assert main(["check", "--config", str(config), "--json"]) == 2
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["diagnostics"][0]["code"]) == (False, "document.empty")
