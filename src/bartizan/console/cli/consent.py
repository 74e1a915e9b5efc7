"""Verbs that take something away: first what will happen is shown, then it is asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bartizan.console.terminal import Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from bartizan.console.terminal import Terminal

REFUSED = "nothing was changed"


def declare_yes(flags: ArgumentParser) -> None:
    """`--yes`."""
    flags.add_argument("--yes", action="store_true", help="do it without asking")


def require_consent(terminal: Terminal, effects: Sequence[str], *, is_given: bool) -> None:
    """Shows `effects`; returns once they are wanted. Raises Stopped when they are not.

    is_given: `--yes` was written. Without a terminal nobody can be asked: then it is needed.
    """
    for effect in effects:
        terminal.say(effect)
    if is_given:
        return
    if not sys.stdin.isatty():
        raise Stopped(REFUSED, hint="write `--yes` to do it")
    terminal.err.write("go on? [y/N] ")
    terminal.err.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stopped(REFUSED)
