"""`bartizan replay FILE`: judges recorded requests by the policy of now, without serving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.cli.recorded import read_recording
from bartizan.console.cli.tail import one_line
from bartizan.console.terminal import CLEAN, FOUND, Stopped
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
    """Prints the Event of each capture; gives 1 when any of them is refused."""
    from bartizan.policy.recordings import has_tokens
    from bartizan.policy.replay import CaptureFault, replay

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
    try:
        for line in replay(court, recorded.lines):
            event = parse_event(line)
            verdicts[event.verdict] = verdicts.get(event.verdict, 0) + 1
            shown = one_line(event, colour=terminal.is_colourful)
            terminal.put(line.decode() if args.json else shown)
    except CaptureFault as fault:
        raise Stopped(f"{recorded.place(fault.line)}: {fault}") from fault
    if not verdicts:
        hint = "`--host` names none of its hosts" if args.host else ""
        raise Stopped(f"`{args.file}` holds no exchange to judge", hint=hint)
    terminal.say(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return CLEAN if set(verdicts) <= {ALLOW} else FOUND
