"""`bartizan capture`: records traffic of a running gateway, bounded and redacted, for replay."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.cli.flags import at_least
from bartizan.console.cli.kept import require_operations, span_ms
from bartizan.console.cli.places import NO_GATEWAY, declare_state, state_of
from bartizan.console.lifecycle import now_ms
from bartizan.console.rendering import counted
from bartizan.console.terminal import BROKEN, CLEAN, Stopped
from bartizan.gateway.capture import SOCKET, Order, captured

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal

_SIZE = re.compile(r"([0-9]{1,9})\s*(KiB|MiB|)")
_UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}


def declare(flags: ArgumentParser) -> None:
    """Flags of `capture`."""
    declare_state(flags)
    flags.add_argument("file", metavar="FILE", help="file to write; never over an existing one")
    flags.add_argument("--for", dest="span", default="5m", metavar="TIME", help="how long")
    flags.add_argument(
        "--count", type=at_least(1), default=100, metavar="N", help="how many exchanges"
    )
    flags.add_argument("--bytes", default="10MiB", metavar="SIZE", help="how much in all")
    flags.add_argument("--body", default="64KiB", metavar="SIZE", help="how much of each body")
    flags.add_argument(
        "--operation", action="append", default=[], help="only this one, such as `POST /orders`"
    )
    flags.add_argument(
        "--mask",
        action="append",
        default=[],
        metavar="NAME",
        help="further field, parameter or header whose value is secret",
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Writes captures, one a line, until a bound is reached or Ctrl-C."""
    require_operations(args, args.operation)
    order = Order(
        until_ms=now_ms() + span_ms(args.span),
        count=args.count,
        total_max_bytes=_bytes(args.bytes),
        body_max_bytes=_bytes(args.body),
        operations=tuple(args.operation),
        mask=tuple(args.mask),
    )
    path = state_of(args) / SOCKET
    file = _made(args.file)
    number = 0
    try:
        with os.fdopen(file, "wb") as out:
            terminal.say(f"capturing for {args.span}, at most {order.count} exchanges; Ctrl-C ends")
            for line in captured(path, order):
                if line.startswith(b'{"error"'):
                    raise Stopped("another capture is under way", status=BROKEN)
                out.write(line + b"\n")
                out.flush()
                number += 1
    except KeyboardInterrupt:
        pass
    except (ConnectionRefusedError, FileNotFoundError) as fault:
        Path(args.file).unlink(missing_ok=True)
        raise Stopped(f"nothing serves `{path}`", hint=NO_GATEWAY, status=BROKEN) from fault
    if args.json:
        terminal.put_json({"file": args.file, "captures": number})
    else:
        terminal.put(f"wrote {counted(number, 'capture')} to {args.file}")
    return CLEAN


def _made(name: str) -> int:
    """A new file for its owner alone. Raises Stopped."""
    try:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise Stopped(f"`{name}` exists and is left as it is", hint="give another name") from None
    except OSError as fault:
        raise Stopped(f"`{name}` cannot be written: {fault.strerror}") from fault


def _bytes(text: str) -> int:
    found = _SIZE.fullmatch(text)
    if not found:
        raise Stopped(f"`{text}` is not a size such as `64KiB` or `10MiB`")
    return int(found[1]) * _UNITS[found[2]]
