"""Flags of one verb: argparse with our messages and suggestions."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, NoReturn

from bartizan.console.terminal import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What flags like ours are called elsewhere.
ELSEWHERE = {
    "--addr": "--listen", "--address": "--listen", "--bind": "--listen", "--host": "--listen",
    "--port": "--listen", "--file": "--config", "--conf": "--config", "--settings": "--config",
    "--spec": "--openapi", "--swagger": "--openapi", "--schema": "--openapi",
    "--document": "--openapi", "--threads": "--workers", "--processes": "--workers",
    "--backend": "--upstream", "--target": "--upstream", "--api": "--upstream",
    "--format": "--output-format", "--dir": "--state", "--metrics": "--admin",
}  # fmt: skip


def at_least(least: int) -> Callable[[str], int]:
    """Reads a whole number that is not below `least`."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            message = f"`{text[:40]}` is no whole number from {least} on"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read


class _Formatter(argparse.HelpFormatter):
    """As wide as the terminal says it is; asking the system would load `shutil` at every start."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, width=int(columns) if columns.isdigit() else 100)


class Flags(argparse.ArgumentParser):
    """A parser that ends in Stopped instead of leaving the process, with a suggestion."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog, description=description, allow_abbrev=False, formatter_class=_Formatter
        )
        self._is_inside = False
        self._words: list[str] = []

    def parse_known_args(  # type: ignore[override] # the overloads of typeshed, all of them
        self,
        args: Sequence[str] | None = None,
        namespace: argparse.Namespace | None = None,
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does, but words by place may stand before, between and behind flags.

        argparse itself gives an optional word up at the first flag: `replay FILE --json URL`.
        """
        if self._is_inside or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._is_inside = True
        self._words = list(args or ())
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_inside = False

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The flags. Raises Stopped on what is unknown or wrong."""
        found, unknown = self.parse_known_args(words)
        if unknown:
            self._refuse(unknown[0])
        return found

    def _refuse(self, word: str) -> NoReturn:
        from bartizan.policy.suggest import nearest

        name = word.split("=", 1)[0]
        close = nearest(name, self._option_string_actions) if name.startswith("-") else None
        hint = f"did you mean `{close}`?" if close else self._ours(nearest(name, ELSEWHERE))
        kind = "flag" if name.startswith("-") else "argument"
        raise Stopped(f"unknown {kind} `{name}`", hint=hint)

    def _ours(self, known: str | None) -> str:
        """The way out for a flag that others have: ours, or the place of the word without one."""
        name = ELSEWHERE.get(known or "", "")
        action = self._option_string_actions.get(name)
        if action is not None:
            takes = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
            return f"did you mean `{name}{takes}`?"
        dest = name.removeprefix("--")
        if dest in [one.dest for one in self._actions if not one.option_strings]:
            return f"give it without a flag: `{self.prog} {dest.upper()}`"
        return f"`{self.prog} --help` explains it"

    def error(self, message: str) -> NoReturn:
        """Raises Stopped instead of printing the usage; at a misspelt flag where there is one."""
        for word in self._words:
            if word == "--":
                break
            if word.startswith("--") and word.split("=", 1)[0] not in self._option_string_actions:
                self._refuse(word)
        raise Stopped(message, hint=f"`{self.prog} --help` explains it")
