"""Verbs inside a verb, such as `keys create`: declared alike, each with `--json` and places."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bartizan.console.cli.places import declare_state

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping


def declare_inner(
    flags: ArgumentParser,
    summaries: Mapping[str, str],
    declare: Callable[[str, ArgumentParser], None],
    *,
    metavar: str = "ACTION",
) -> None:
    """One inner verb for each summary; `args.action` tells which. declare: its own flags."""
    inner = flags.add_subparsers(dest="action", required=True, metavar=metavar)
    for name, summary in summaries.items():
        about = f"{summary[0].upper()}{summary[1:]}."
        own = inner.add_parser(name, help=summary, description=about)
        # Without a default of its own, `--json` before the inner verb counts, too.
        own.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="data as JSON"
        )
        declare_state(own)
        declare(name, own)
