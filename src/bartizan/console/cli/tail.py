"""`bartizan tail`: live traffic of a running `bartizan up`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bartizan.console import probes
from bartizan.console.cli.flags import at_least
from bartizan.console.cli.kept import require_operations
from bartizan.console.cli.places import NO_GATEWAY, declare_state, state_of
from bartizan.console.rendering import paint, plain
from bartizan.console.terminal import BROKEN, CLEAN, Stopped
from bartizan.gateway.tail import SOCKET, Filter, follow, is_status
from bartizan.model.event import parse_event

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from bartizan.console.terminal import Terminal
    from bartizan.model.event import Event

BAD = 400
_COLOURS = {"deny": "\033[31m", "challenge": "\033[33m", "throttle": "\033[35m"}


def declare(flags: ArgumentParser) -> None:
    """Flags of `tail`."""
    declare_state(flags)
    flags.add_argument("--operation", default="", help="only this one, such as `GET /users/{id}`")
    verdicts = ("allow", "challenge", "deny", "throttle")
    flags.add_argument("--verdict", default="", choices=verdicts, help="only this verdict")
    flags.add_argument("--principal", default="", help="only this subject")
    flags.add_argument("--status", default="", help="only this status, such as 404 or 4xx")
    flags.add_argument(
        "--count", type=at_least(1), default=0, metavar="N", help="end after so many lines"
    )
    flags.add_argument(
        "-n",
        "--last",
        type=at_least(0),
        default=0,
        metavar="N",
        help="first so many of the newest Events of before; of allowed requests only those that "
        "somebody read along",
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints Events as they come, those of before only when asked for."""
    if args.status and not is_status(args.status):
        raise Stopped(f"`{args.status}` is no status", hint="write `404`, or a class such as `4xx`")
    require_operations(args, [args.operation])
    wanted = Filter(
        operation=args.operation,
        verdict=args.verdict,
        principal=args.principal,
        status=args.status,
    )
    path = state_of(args) / SOCKET
    try:
        for number, line in enumerate(follow(path, wanted, args.last), 1):
            _show(line, terminal, state_of(args), as_json=args.json)
            if number == args.count:
                break
    except OSError as fault:
        raise Stopped(f"nothing serves `{path}`", hint=NO_GATEWAY, status=BROKEN) from fault
    return CLEAN


def _show(line: bytes, terminal: Terminal, state: Path, *, as_json: bool) -> None:
    event = parse_event(line)
    # What `doctor` sends is refused as no request at all, so nothing else is looked up.
    is_probe = event.decided_status == BAD and probes.is_ours(state, event.id)
    if not as_json:
        told = one_line(event, colour=terminal.is_colourful)
        terminal.put(f"{told} (bartizan doctor)" if is_probe else told)
    elif is_probe:
        terminal.put_json({**json.loads(line), "probe": True})
    else:
        terminal.put(line.decode("utf-8", "replace"))


def one_line(event: Event, *, colour: bool = False) -> str:
    """Clock (UTC), status, verdict, route, caller, time taken, reasons, reference id."""
    seconds = event.time_ms // 1000 % 86_400
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    verdict = event.verdict + (" (shadow)" if event.enforcement == "shadow" else "")
    shown = paint(f"{verdict:<18}", _COLOURS.get(event.verdict, "\033[32m"), on=colour)
    caller = event.principal.subject if event.principal and event.principal.subject else event.peer
    codes = ",".join(reason.code for reason in event.reasons)
    took = f"{event.duration_us / 1000:.1f} ms"
    parts = (
        clock,
        f"{event.status or '-':>3}",
        shown,
        plain(event.line or "-"),
        plain(caller),
        took,
        codes,
    )
    return " ".join(part for part in (*parts, event.id) if part)
