import json
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.console.cli.doctor import status
from bartizan.console.doctor import Check
from tests.unit.console.built import built


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nopenapi: openapi.json\n")
    built(file)
    return file


def test_a_sound_installation_is_clean(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--offline", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "ok      extension bartizan" in out
    assert "ok      config    2 operations" in out


def test_a_broken_config_fails_with_its_place(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("upstream: http://127.0.0.1:8000\nmod: enforce\n")
    assert main(["doctor", "--config", str(config), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    (check,) = [one for one in data["checks"] if one["name"] == "config"]
    assert check["words"].startswith(f"{config}:2:1: unknown key `mod`")
    assert data["ok"] is False


def test_what_could_not_be_looked_at_weighs_most() -> None:
    ok, warning = Check("a", "ok", ""), Check("b", "warning", "")
    failed, broken = Check("c", "failed", ""), Check("d", "broken", "")
    assert status([ok, warning]) == 0
    assert status([ok, failed]) == 1
    assert status([failed, broken]) == 3
