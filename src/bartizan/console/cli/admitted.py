"""What `admit` wrote, so that it can be taken back: of each change the lines that stood before."""

from __future__ import annotations

import json
import os
from difflib import SequenceMatcher
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bartizan.console.cli.rewrite import difference, is_agreed, write
from bartizan.console.terminal import CLEAN, FOUND, Stopped

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from bartizan.console.terminal import Terminal

FILE = "admitted.json"
KEPT_MAX = 50
"""Changes that can be taken back, one after the other."""

_KEYS = frozenset(("back", "config", "ref", "sha256"))

Back = list[tuple[int, int, list[str]]]


def remember(state: Path, path: Path, ref: str, old: str, new: str) -> None:
    """Keeps the way back from `new` to `old`."""
    entry = {
        "config": str(path.resolve()),
        "ref": ref,
        "sha256": _hash(new),
        "back": way_back(old, new),
    }
    _save(state, [*_read(state), entry][-KEPT_MAX:])


def undo(path: Path, state: Path, terminal: Terminal, args: Namespace) -> int:
    """Takes the last change of this config back, after showing it; 1 when it was not agreed to."""
    entries = _read(state)
    own = [one for one in entries if one["config"] == str(path.resolve())]
    if not own:
        raise Stopped(f"`bartizan admit` wrote nothing to `{path}` that could be taken back")
    last, text = own[-1], path.read_bytes().decode()
    if _hash(text) != last["sha256"]:
        raise Stopped(
            f"`{path}` was changed since `bartizan admit {last['ref']}`",
            hint="take the change out by hand",
        )
    old = restored(text, last["back"])
    shown = difference(str(path), text, old, "taken back", colour=terminal.is_colourful)
    if not args.json:
        terminal.put(shown)
    writes = args.yes or (not args.json and is_agreed(terminal, f"write `{path}`?"))
    if writes:
        write(path, old)
        _save(state, [one for one in entries if one is not last])
    if args.json:
        plain = difference(str(path), text, old, "taken back")
        terminal.put_json(
            {"ref": last["ref"], "config": str(path), "diff": plain, "written": writes}
        )
    terminal.say("taken back" if writes else "nothing was written; `--yes` writes it")
    return CLEAN if writes else FOUND


def way_back(old: str, new: str) -> Back:
    """What to put in place of lines of `new`, from the last to the first."""
    left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [(j, k, left[h:i]) for tag, h, i, j, k in reversed(codes) if tag != "equal"]


def restored(new: str, back: Back) -> str:
    """The text from before."""
    lines = new.splitlines(keepends=True)
    for start, end, before in back:
        lines[start:end] = before
    return "".join(lines)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _read(state: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads((state / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(data, list):
        return []
    return [one for one in data if isinstance(one, dict) and one.keys() >= _KEYS]


def _save(state: Path, entries: list[dict[str, Any]]) -> None:
    """For its owner alone: the lines are those of a config."""
    path = state / FILE
    fresh = path.with_suffix(".new")
    try:
        handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(entries, file)
        fresh.replace(path)
    except OSError as failed:
        raise Stopped(
            f"`{path}` cannot be written: {failed.strerror}",
            hint="the way back of a change is kept there",
        ) from None
