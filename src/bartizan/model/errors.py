"""The error tree of the Python rooms. Refusals of Requests are Decisions, never exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.diagnostics import Diagnostic, Location

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Diagnostic", "Fault", "Location", "fault"]


class Fault(Exception):
    """Something given to us is broken. Holds at least one Diagnostic, in order of place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the Diagnostics."""
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(one.render() for one in self.diagnostics))

    @property
    def code(self) -> str:
        """The code of the first Diagnostic."""
        return self.diagnostics[0].code


def fault(code: str, message: str, *, file: str = "", hint: str = "") -> Fault:
    """One Fault with one Diagnostic that has no place inside a file."""
    return Fault([Diagnostic(code=code, message=message, file=file, hint=hint)])
