from pathlib import Path

import pytest

from bartizan.console.cli import main
from tests.unit.console.built import built

TEXT = """\
# first
upstream: http://127.0.0.1:8000  # the API
openapi: openapi.json
mod: enforce   # a slip
limits: { per: principal, rate: 100 per minute }
"""
MENDED = TEXT.replace("mod:", "mode:").replace("100 per minute", "100/min")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nopenapi: openapi.json\n")
    built(file)
    file.write_text(TEXT)
    file.chmod(0o640)
    return file


def test_safe_edits_are_shown_and_made_and_comments_stay(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--fix", "--yes", "--config", str(config)]) == 0
    assert config.read_text() == MENDED
    assert config.stat().st_mode & 0o777 == 0o640
    shown = capsys.readouterr().out
    assert "-mod: enforce   # a slip" in shown
    assert "+mode: enforce   # a slip" in shown
    assert main(["check", "--config", str(config)]) == 0


def test_without_a_yes_the_file_stays_as_it_is(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--fix", "--config", str(config)]) == 1
    assert config.read_text() == TEXT
    out, err = capsys.readouterr()
    assert "+mode: enforce" in out
    assert "2 edits not made" in err


def test_what_cannot_be_mended_safely_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(TEXT.replace("mod: enforce", "mode: later").replace("100 per minute", "5/s"))
    assert main(["check", "--fix", "--yes", "--config", str(config)]) == 2
    assert "nothing can be mended safely" in capsys.readouterr().err


def test_a_clean_config_has_nothing_to_mend(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(MENDED)
    assert main(["check", "--fix", "--config", str(config)]) == 0
    assert "nothing to mend" in capsys.readouterr().err
