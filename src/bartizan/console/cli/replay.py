"""`bartizan replay FILE`: judges recorded requests by the policy of now, without serving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.cli.recorded import read_recording, say_unread
from bartizan.console.cli.tail import one_line
from bartizan.console.terminal import BROKEN, CLEAN, FOUND, Stopped
from bartizan.model.event import ALLOW, parse_event

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal


def declare(flags: ArgumentParser) -> None:
    """Flags of `replay`."""
    flags.add_argument("file", help="captures, one JSON object a line, or a HAR; - reads a pipe")
    flags.add_argument(
        "--host", action="append", default=[], help="of a HAR, only entries of this host"
    )
    declare_overrides(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the Event of each capture; 1 when one is refused, 3 when one cannot be judged."""
    from bartizan.policy.recordings import has_tokens
    from bartizan.policy.replay import CaptureFault, judged

    recorded = read_recording(args.file, args.host)
    built = wire.build(chosen_of(args, terminal), terminal)
    court = wire.court(
        built,
        terminal,
        seed=lifecycle.seed(),
        now_ms=lifecycle.now_ms(),
        wants_keys=has_tokens(recorded.lines),
    )
    verdicts: dict[str, int] = {}
    unread: list[int] = []
    try:
        for _number, line in judged(court, recorded.lines, unread.append):
            event = parse_event(line)
            verdicts[event.verdict] = verdicts.get(event.verdict, 0) + 1
            shown = one_line(event, colour=terminal.is_colourful)
            terminal.put(line.decode() if args.json else shown)
    except CaptureFault as fault:
        raise Stopped(f"{recorded.place(fault.line)}: {fault}") from fault
    say_unread(terminal, recorded, unread)
    if not verdicts and not unread:
        hint = "`--host` names none of its hosts" if args.host else ""
        raise Stopped(f"`{args.file}` holds no exchange to judge", hint=hint)
    told = [f"{count} {verdict}" for verdict, count in sorted(verdicts.items())]
    terminal.say(", ".join([*told, *([f"{len(unread)} not judged"] if unread else [])]))
    if not set(verdicts) <= {ALLOW}:
        return FOUND
    return BROKEN if unread else CLEAN
