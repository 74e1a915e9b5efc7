"""The completion script in a real bash, as a person would press the tab key."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journey.guard import bartizan


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    made = bartizan(folder, "completion", "bash")
    assert made.returncode == 0
    (folder / "bartizan.bash").write_text(made.stdout, encoding="utf-8")
    (folder / "recorded.har").touch()
    return folder / "bartizan.bash"


def completed(script: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    listed = " ".join(f"'{word}'" for word in words)
    lines = [
        f"source {script}",
        # What bash runs for this command is what `complete` has registered.
        "wanted=$(complete -p bartizan | sed 's/.*-F \\([^ ]*\\).*/\\1/')",
        f"COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}",
        "$wanted",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        cwd=script.parent,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return done.stdout.split()


def test_a_verb_is_completed(script: Path) -> None:
    assert completed(script, "bartizan", "expl") == ["explain"]
    assert "check" in completed(script, "bartizan", "")


def test_flags_and_their_choices_are_completed(script: Path) -> None:
    assert completed(script, "bartizan", "check", "--out") == ["--output-format"]
    assert completed(script, "bartizan", "check", "--output-format", "s") == ["sarif"]
    assert completed(script, "bartizan", "up", "--mode", "") == ["shadow", "enforce"]


def test_nothing_is_made_up(script: Path) -> None:
    assert completed(script, "bartizan", "frobnicate", "--x") == []
