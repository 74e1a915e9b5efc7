"""`bartizan dump --effective`: every setting with the line, flag or variable it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.rendering import table
from bartizan.console.terminal import CLEAN
from bartizan.console.wire import load_config

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal


def declare(flags: ArgumentParser) -> None:
    """Flags of `dump`."""
    declare_overrides(flags)
    flags.add_argument("--effective", action="store_true", help="with defaults, as now; always on")


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the settings; secrets are masked."""
    from bartizan.policy.dump import dump

    settings = dump(load_config(chosen_of(args, terminal)))
    if args.json:
        rows = [{"path": s.path, "value": s.value, "origin": s.origin} for s in settings]
        terminal.put_json(rows)
    else:
        cells = [(s.path, s.value, s.origin) for s in settings]
        terminal.put(table(("setting", "value", "from"), cells, colour=terminal.is_colourful))
    return CLEAN
