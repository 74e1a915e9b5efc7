"""Reads a recording for the verbs that judge one: captures or a HAR, from a file or a pipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.terminal import Stopped

if TYPE_CHECKING:
    from collections.abc import Collection

    from bartizan.console.terminal import Terminal
    from bartizan.policy.recordings import Recording


def say_unread(terminal: Terminal, recorded: Recording, numbers: Collection[int]) -> None:
    """Which captures were not judged, since the body that decides was not kept."""
    for number in sorted(numbers):
        terminal.say(f"{recorded.place(number)}: not judged: its body was not kept")


def read_recording(name: str, hosts: Collection[str] = ()) -> Recording:
    """The captures of a file, or of standard input for `-`. Raises Stopped, and Fault for a HAR."""
    from bartizan.policy.recordings import recording

    if name == "-":
        return recording("standard input", sys.stdin.buffer.read(), hosts)
    try:
        return recording(name, Path(name).read_bytes(), hosts)
    except OSError as fault:
        raise Stopped(f"`{name}` cannot be read: {fault.strerror}") from fault
