"""The pepper of issued API keys: a file beside the tables, never in them, for its owner alone.

One line; two while keys move from an old pepper to the newest, which comes first.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from bartizan.model.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

FILE = "credentials.pepper"


def read(path: Path) -> tuple[Secret, ...]:
    """The peppers in `path`, the newest first; none where there is no file. Raises OSError."""
    try:
        return tuple(map(Secret, path.read_text(encoding="ascii").split()))
    except FileNotFoundError:
        return ()


def id_of(pepper: Secret) -> str:
    """What names a pepper and tells nothing of it."""
    return hashlib.sha256(pepper.reveal().encode("ascii")).hexdigest()[:8]


def named(path: Path) -> list[tuple[str, Secret]]:
    """The peppers in `path` with their ids, the newest first."""
    return [(id_of(one), one) for one in read(path)]


def rotate(path: Path, fresh: str) -> None:
    """Puts `fresh` before the newest pepper; an older one than that is given up."""
    _write(path, [fresh, *(one.reveal() for one in read(path)[:1])])


def drop_old(path: Path) -> None:
    """Gives up every pepper but the newest."""
    _write(path, [one.reveal() for one in read(path)[:1]])


def _write(path: Path, lines: list[str]) -> None:
    """All lines or none, for the owner alone."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    _make(own, lines)
    own.replace(path)


def _make(path: Path, lines: list[str]) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, "".join(f"{line}\n" for line in lines).encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def read_or_make(path: Path, fresh: str) -> Secret:
    """The newest pepper in `path`, which is `fresh` (hex of 32 random bytes) when there was none.

    Whole or not at all, also when two processes make it at once: the first one's stands.
    """
    if found := read(path):
        return found[0]
    own = path.with_name(f"{path.name}.{os.getpid()}")
    _make(own, [fresh])
    try:
        os.link(own, path)
    except FileExistsError:
        pass  # Another process was first.
    finally:
        own.unlink()
    return read(path)[0]
