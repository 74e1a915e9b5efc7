"""`bartizan check --fix`: makes the safe edits that hints ask for, after showing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.cli.rewrite import difference, is_agreed, write
from bartizan.console.rendering import counted, diagnostics
from bartizan.console.terminal import CLEAN, FOUND
from bartizan.policy.mend import Edit, applied, edit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.model.errors import Diagnostic


def fix(found: Sequence[Diagnostic], terminal: Terminal, *, agrees: bool, status: int) -> int:
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
        new = applied(texts[name], own)
        colour = terminal.is_colourful
        terminal.put(difference(name, texts[name], new, "mended", colour=colour))
    count = counted(sum(map(len, edits.values())), "edit")
    if not (agrees or is_agreed(terminal, f"make {count}?")):
        terminal.say(f"{count} not made; `--yes` makes them")
        return FOUND
    for name, own in edits.items():
        write(Path(name), applied(texts[name], own))
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
