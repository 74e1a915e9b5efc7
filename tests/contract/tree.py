"""The tracked files, as the contracts see them."""

from __future__ import annotations

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks or would track, relative to the root."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    files = sorted({Path(name) for name in listed.split("\0") if name})
    return tuple(file for file in files if (ROOT / file).is_file())


def text_of(file: Path) -> str | None:
    """The text of a tracked file, or None when it is not text."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@functools.cache
def cargo_metadata() -> dict[str, Any]:
    """The locked graph of Rust packages for this platform, without a network."""
    version = run("rustc", "--version", "--verbose")
    host = next(line[6:] for line in version.splitlines() if line.startswith("host: "))
    metadata: dict[str, Any] = json.loads(
        run(
            "cargo",
            "metadata",
            "--format-version=1",
            "--locked",
            "--offline",
            f"--filter-platform={host}",
        )
    )
    return metadata


def run(*command: str) -> str:
    """What the command prints; a failure of it is a failure of the test."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return done.stdout
