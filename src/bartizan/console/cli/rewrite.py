"""Changes of a file: shown as a difference, agreed to by a person or a flag, written whole."""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.rendering import paint, plain
from bartizan.console.terminal import BROKEN, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.console.terminal import Terminal

_SHADES = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}


def difference(name: str, old: str, new: str, word: str, *, colour: bool = False) -> str:
    """The lines that differ. word: what the new text is, as in `mended`."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), name, f"{name} ({word})", lineterm="", n=1
    )
    return "\n".join(paint(plain(line), _SHADES.get(line[:1], ""), on=colour) for line in lines)


def is_agreed(terminal: Terminal, question: str) -> bool:
    """A yes of the person at the terminal; without one, no."""
    if not (terminal.out.isatty() and os.isatty(0)):
        return False
    terminal.err.write(f"{question} [y/N] ")
    terminal.err.flush()
    return input().strip().lower() in ("y", "yes")


@contextlib.contextmanager
def scratch(path: Path, text: str) -> Iterator[Path]:
    """A file with `text` beside `path`, so that what it names is found; gone afterwards."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    except OSError as fault:
        message = f"`{path.parent}` cannot be written to: {fault.strerror}"
        raise Stopped(message, status=BROKEN) from fault
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """All or nothing, with the rights that the file has; a link goes on leading to it."""
    path = path.resolve()
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, delete=False
        ) as file:
            file.write(text)
        Path(file.name).chmod(path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError as fault:
        raise Stopped(f"`{path}` cannot be written: {fault.strerror}", status=BROKEN) from fault
