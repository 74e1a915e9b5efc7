"""`bartizan check`: config and API document, checked as the gateway would load them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bartizan.console import wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.rendering import counted, diagnostics
from bartizan.console.terminal import CLEAN, FOUND, USAGE
from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.model.errors import Diagnostic


def declare(flags: ArgumentParser) -> None:
    """Flags of `check`."""
    declare_overrides(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints what is wrong; 1 when operations cannot be checked, 2 when it would not load."""
    try:
        built = wire.build(chosen_of(args, terminal), terminal)
    except Fault as fault:
        if not args.json:
            raise
        terminal.put_json({"ok": False, "diagnostics": _data(fault.diagnostics)})
        return USAGE
    compiled = built.compiled
    found = compiled.warnings
    lost = {one.operation for one in compiled.unrepresentable}
    if args.json:
        terminal.put_json(
            {
                "ok": not lost,
                "policy": compiled.hash,
                "openapi": built.openapi,
                "operations": len(compiled.operations),
                "unrepresentable": sorted(lost),
                "diagnostics": _data(found),
            }
        )
    else:
        if found:
            terminal.say(diagnostics(found, colour=terminal.talk_is_colourful))
        terminal.put(_summary(len(compiled.operations), len(lost), compiled.hash))
    return FOUND if compiled.unrepresentable else CLEAN


def _summary(operations: int, unrepresentable: int, policy: str) -> str:
    lost = f", {unrepresentable} of them cannot be checked" if unrepresentable else ""
    return f"{counted(operations, 'operation')}{lost}; policy {policy[:16]}"


def _data(items: Sequence[Diagnostic]) -> list[dict[str, object]]:
    return [asdict(item) for item in items]
