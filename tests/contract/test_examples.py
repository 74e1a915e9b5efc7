"""The examples are configs that load."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.tree import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/bartizan.yaml"))
MAIN = "import sys; from bartizan.console.cli import main; sys.exit(main())"


def test_every_folder_of_examples_is_told_of() -> None:
    table = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert len(EXAMPLES) >= 4
    assert all(f"| `{path.name}` |" in table for path in EXAMPLES)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_an_example_passes_check(folder: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MAIN, "check", "--state", str(tmp_path)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "BARTIZAN" not in name},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "warning" not in ran.stderr, ran.stderr
