"""`bartizan version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan import __version__
from bartizan.console.terminal import CLEAN

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal


def declare(_flags: ArgumentParser) -> None:
    """No flags."""


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the versions."""
    if args.json:
        import platform

        versions = {"bartizan": __version__, "python": platform.python_version()}
        terminal.put_json(versions)
    else:
        terminal.put(f"bartizan {__version__}")
    return CLEAN
