"""APIs that nobody here wrote, installed from their registries into `target/real`, unmodified."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PLACE = ROOT / "target" / "real"
INSTALL_S = 600.0


def python_packages(name: str, *requirements: str, alone: bool = False) -> Path:
    """A virtual environment with these packages; gives its interpreter.

    alone: without what they depend on.
    """
    home = PLACE / name
    python = home / "bin" / "python"
    flags = ["--no-deps"] if alone else []
    _once(
        home,
        " ".join(requirements),
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", *flags, *requirements],
    )
    return python


def node_package(name: str, package: str) -> Path:
    """A folder with this package of npm and what it depends on; gives the folder."""
    home = PLACE / name
    flags = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    _once(home, package, ["npm", "install", "--prefix", str(home), *flags, package])
    return home


def _once(home: Path, what: str, *commands: list[str]) -> None:
    """Runs the commands unless a stamp says that they were; one process at a time does."""
    home.mkdir(parents=True, exist_ok=True)
    stamp = home / "installed"
    with (PLACE / f"{home.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == what:
            return
        for command in commands:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, check=True, timeout=INSTALL_S, cwd=home
            )
        stamp.write_text(what, encoding="utf-8")
