"""`bartizan replay FILE`: judges recorded requests by the policy of now, without serving."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.cli.tail import one_line
from bartizan.console.terminal import CLEAN, FOUND, Stopped
from bartizan.model.event import ALLOW, parse_event

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from bartizan.console.terminal import Terminal


def declare(flags: ArgumentParser) -> None:
    """Flags of `replay`."""
    flags.add_argument("file", help="captures, one JSON object a line; - reads standard input")
    declare_overrides(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the Event of each capture; gives 1 when any of them is refused."""
    from bartizan.policy.replay import CaptureFault, replay

    built = wire.build(chosen_of(args, terminal), terminal)
    seed, now = lifecycle.seed(), lifecycle.now_ms()
    court = wire.court(built, terminal, seed=seed, now_ms=now)
    verdicts: dict[str, int] = {}
    try:
        for line in replay(court, _captures(args.file)):
            event = parse_event(line)
            verdicts[event.verdict] = verdicts.get(event.verdict, 0) + 1
            shown = one_line(event, colour=terminal.is_colourful)
            terminal.put(line.decode() if args.json else shown)
    except CaptureFault as fault:
        raise Stopped(f"{args.file}:{fault.line}: {fault}") from fault
    terminal.say(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return CLEAN if set(verdicts) <= {ALLOW} else FOUND


def _captures(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield from file
    except OSError as fault:
        raise Stopped(f"`{name}` cannot be read: {fault.strerror}") from fault
