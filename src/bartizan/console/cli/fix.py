"""`bartizan check --fix`: makes the safe edits that hints ask for, after showing them."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.rendering import counted, diagnostics, paint, plain
from bartizan.console.terminal import BROKEN, CLEAN, FOUND, Stopped
from bartizan.policy.mend import Edit, applied, edit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.model.errors import Diagnostic

_SHADES = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}


def fix(found: Sequence[Diagnostic], terminal: Terminal, *, is_agreed: bool, status: int) -> int:
    """Shows the safe edits and makes them when they are agreed to.

    Gives `status` where nothing can be mended, 1 where the edits were not made.
    """
    edits, left = sorted_out(found)
    if left:
        terminal.say(diagnostics(left, colour=terminal.talk_is_colourful))
    if not edits:
        terminal.say("nothing can be mended safely" if found else "nothing to mend")
        return status
    texts = {name: Path(name).read_bytes().decode() for name in edits}
    for name, own in edits.items():
        terminal.put(_diff(name, texts[name], applied(texts[name], own), terminal))
    count = counted(sum(map(len, edits.values())), "edit")
    if not (is_agreed or _asked(terminal, count)):
        terminal.say(f"{count} not made; `--yes` makes them")
        return FOUND
    for name, own in edits.items():
        _write(Path(name), applied(texts[name], own))
    terminal.say(f"{count} made; `bartizan check` says what is left")
    return CLEAN


def sorted_out(
    found: Sequence[Diagnostic],
) -> tuple[Mapping[str, list[Edit]], list[Diagnostic]]:
    """Safe edits by file, and what has none."""
    edits: dict[str, list[Edit]] = {}
    left: list[Diagnostic] = []
    for item in found:
        edit = _edit(item)
        if edit is None or not edit.is_safe:
            left.append(item)
        elif edit not in edits.setdefault(item.file, []):
            edits[item.file].append(edit)
    return edits, left


def _edit(item: Diagnostic) -> Edit | None:
    path = Path(item.file)
    if not item.file or not path.is_file():
        return None
    return edit_of(item, path.read_bytes().decode("utf-8", "replace"))


def _diff(name: str, old: str, new: str, terminal: Terminal) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), name, f"{name} (mended)", lineterm="", n=1
    )
    on = terminal.is_colourful
    return "\n".join(paint(plain(line), _SHADES.get(line[:1], ""), on=on) for line in lines)


def _asked(terminal: Terminal, count: str) -> bool:
    """A yes of the person at the terminal; without one, no."""
    if not (terminal.out.isatty() and os.isatty(0)):
        return False
    terminal.err.write(f"make {count}? [y/N] ")
    terminal.err.flush()
    return input().strip().lower() in ("y", "yes")


def _write(path: Path, text: str) -> None:
    """All or nothing, with the rights that the file has."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, delete=False
        ) as file:
            file.write(text)
        Path(file.name).chmod(path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError as fault:
        raise Stopped(f"`{path}` cannot be written: {fault.strerror}", status=BROKEN) from fault
