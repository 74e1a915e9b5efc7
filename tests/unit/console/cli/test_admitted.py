import json
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.console.cli.admitted import FILE, remember, restored, way_back
from bartizan.console.terminal import Stopped

OLD = "# ä\nmode: enforce\nexceptions:\n  - a\nlimits: []\n"
NEW = "# ä\nmode: shadow\nexceptions:\n  - a\n  - b\nlimits: []\nlast: 1\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text(NEW)
    remember(tmp_path, file, "r" * 16, OLD, NEW)
    return file


def undo(config: Path, *more: str) -> int:
    words = ["admit", "--undo", "--config", str(config), "--state", str(config.parent)]
    return main([*words, *more])


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (NEW, OLD), ("", NEW), (OLD, ""), (OLD, OLD)])
def test_the_way_back_leads_to_the_text_before(old: str, new: str) -> None:
    assert restored(new, way_back(old, new)) == old


def test_the_last_change_is_shown_and_taken_back_once(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert undo(config) == 1
    assert config.read_text() == NEW
    assert "-mode: shadow" in capsys.readouterr().out
    assert undo(config, "--yes") == 0
    assert config.read_text() == OLD
    assert undo(config, "--yes") == 2
    assert "wrote nothing" in capsys.readouterr().err


def test_a_machine_asks_for_it_by_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert undo(config, "--json", "--yes") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ref"], told["written"]) == ("r" * 16, True)


def test_a_file_that_somebody_changed_since_is_left_alone(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(NEW + "more: 1\n")
    assert undo(config, "--yes") == 2
    assert "was changed since" in capsys.readouterr().err
    assert config.read_text().endswith("more: 1\n")


def test_what_is_kept_is_for_its_owner_and_only_the_lines_that_changed(config: Path) -> None:
    kept = config.parent / FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "limits" not in kept.read_text()


def test_a_damaged_record_is_none(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / FILE).write_text('[1, {"config": "x"}]')
    assert undo(config, "--yes") == 2
    assert "wrote nothing" in capsys.readouterr().err


def test_a_way_back_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="cannot be written"):
        remember(tmp_path / "missing", tmp_path / "bartizan.yaml", "r", OLD, NEW)
