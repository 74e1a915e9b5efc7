"""Reading: config data against the table of keys, every fault kept with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.model.diagnostics import Severity
from bartizan.model.errors import Diagnostic, Location
from bartizan.policy.interpolate import Interpolated
from bartizan.policy.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.policy.document import Document


class Invalid:
    """The type of `INVALID`."""


INVALID: Final = Invalid()
"""What a kind gives after it has reported a fault."""


@dataclass(slots=True)
class Reading:
    """One run over one config.

    origins: pointer -> `--flag` or `environment NAME` that set it. unfilled: pointers whose
    expression has a fault already; further faults there follow from it and are not kept.
    index: of the document in the Policy; 0 is the config.
    """

    document: Document | None
    base: Path
    origins: Mapping[str, str]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    unfilled: set[str] = field(default_factory=set)
    index: int = 0

    def origin(self, pointer: str) -> str:
        """The flag or variable that set `pointer` or an ancestor; empty = the file."""
        while pointer:
            if pointer in self.origins:
                return self.origins[pointer]
            pointer = pointer.rpartition("/")[0]
        return ""

    def report(
        self,
        pointer: str,
        code: str,
        message: str,
        *,
        hint: str = "",
        value: bool = True,
        warning: bool = False,
    ) -> Invalid:
        """Keep one fault (or warning) at `pointer`. value: underline the value, not its key."""
        if pointer in self.unfilled:
            return INVALID
        kept = self.warnings if warning else self.diagnostics
        origin = self.origin(pointer)
        if origin or self.document is None:
            text = f"{message} (from {origin})" if origin else message
            severity: Severity = "warning" if warning else "error"
            kept.append(Diagnostic(code=code, message=text, hint=hint, severity=severity))
        else:
            kept.append(
                self.document.diagnostic(
                    pointer, code=code, message=message, hint=hint, value=value, warning=warning
                )
            )
        return INVALID

    def wrong(
        self, pointer: str, wanted: str, found: object, *, secret: bool = False, instead: str = ""
    ) -> Invalid:
        """A value of the wrong type or form. wanted: what is allowed, with an example.

        instead: what was probably meant, if that can be told.
        """
        shown = "" if secret else f", not {show(found)}"
        return self.report(
            pointer,
            "config.wrong-value",
            f"`{named(pointer)}` must be {wanted}{shown}",
            hint=_way_out(wanted, found, "" if secret else instead),
        )

    def locate(self, pointer: str) -> Location:
        """Where `pointer` is set: file and line, or the name of a flag or variable."""
        origin = self.origin(pointer)
        if origin:
            return Location(origin)
        return self.document.locate(pointer) if self.document else Location("default")


def named(pointer: str) -> str:
    """The key that a pointer ends with; for an item, that of its list."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]
    return next((step for step in reversed(steps) if step and not step.isdecimal()), "")


def _way_out(wanted: str, found: object, instead: str) -> str:
    # What an expression was filled with is nobody's to see; what a flag says stands on the line.
    is_filled = isinstance(found, Interpolated) and found.written != str(found)
    if instead and not is_filled:
        return f"write `{instead}`"
    example = re.search(r"as in (`[^`]+`)", wanted)
    return f"for example {example[1]}" if example else ""


def show(value: object) -> str:
    """`value` as it may stand in a message: what was written, never what it was filled with."""
    if isinstance(value, Interpolated):
        return f"`{value.written[:60]}`"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{str(value)[:60]}`"


def below(pointer: str, key: str | int) -> str:
    """The pointer of `key` below `pointer`."""
    return f"{pointer}/{escape(key) if isinstance(key, str) else key}"
