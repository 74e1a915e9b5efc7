"""The pepper of issued API keys: a file beside the tables, never in them, for its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bartizan.model.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

FILE = "credentials.pepper"


def read(path: Path) -> Secret | None:
    """The pepper in `path`; None where there is none. Raises OSError."""
    try:
        return Secret(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None


def read_or_make(path: Path, fresh: str) -> Secret:
    """The pepper in `path`, which is `fresh` (hex of 32 random bytes) when there was none.

    Whole or not at all, also when two processes make it at once: the first one's stands.
    """
    found = read(path)
    if found is not None:
        return found
    own = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, fresh.encode("ascii") + b"\n")
        os.fsync(handle)
        os.close(handle)
        os.link(own, path)
    except FileExistsError:
        pass  # Another process was first.
    finally:
        own.unlink()
    return Secret(path.read_text(encoding="ascii").strip())
