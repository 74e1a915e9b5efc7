"""Finds issued API keys in files and logs. The checksum leaves no false alarm; no key is shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.identity.api_keys import TEXT_BYTES, found_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from bartizan.model.secret import Secret

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Leak:
    """One key in one place. line and column count from 1, in bytes."""

    file: str
    line: int
    column: int
    id: str
    text: Secret


def leaks_in(stream: BinaryIO, name: str) -> Iterator[Leak]:
    """Keys in a stream of bytes, in order. Memory: one piece, however long the stream."""
    held, line, column = b"", 1, 1
    while piece := stream.read(CHUNK_BYTES):
        held += piece
        # A key that ends at the edge may go on: it is looked at again with the next piece.
        done = max(0, len(held) - TEXT_BYTES)
        yield from _told(held, done, name, line, column)
        passed = held[:done]
        line, column = _moved(passed, line, column)
        held = held[done:]
    yield from _told(held, len(held), name, line, column)


def _told(data: bytes, before: int, name: str, line: int, column: int) -> Iterator[Leak]:
    for offset, key_id, text in found_in(data):
        if offset < before:
            at_line, at_column = _moved(data[:offset], line, column)
            yield Leak(name, at_line, at_column, key_id, text)


def _moved(passed: bytes, line: int, column: int) -> tuple[int, int]:
    breaks = passed.count(b"\n")
    if breaks:
        return line + breaks, len(passed) - passed.rfind(b"\n")
    return line, column + len(passed)


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """Every regular file; folders are walked in order, links are not followed.

    Raises FileNotFoundError for a path that is not there.
    """
    for path in paths:
        if not path.is_dir():
            path.stat()
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file() and not file.is_symlink():
                    yield file
