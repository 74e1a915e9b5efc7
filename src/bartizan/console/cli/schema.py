"""`bartizan schema`: the JSON Schema of bartizan.yaml, for editors and other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.terminal import CLEAN

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal


def declare(_flags: ArgumentParser) -> None:
    """No flags."""


def run(_args: Namespace, terminal: Terminal) -> int:
    """Prints the schema; it is JSON with and without `--json`."""
    terminal.put(schema_text().rstrip("\n"))
    return CLEAN


def schema_text() -> str:
    """The schema as a file holds it."""
    from bartizan.policy.schema import text

    return text()
