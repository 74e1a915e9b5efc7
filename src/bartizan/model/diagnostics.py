"""Diagnostic: one fault of a config, description or policy, with its place and its way out.

The renderers of the console read these fields; `render` is the plain-text form they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. line, column: 1-based; 0 = the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:column`, without what is not known; empty if the file is not known."""
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


LINE_MAX, SHOWN_MAX, BEFORE = 200, 100, 40
DOTS = "..."


def excerpt(line: str, column: int) -> tuple[str, int]:
    """What is shown of a line, and how far left it moves the column: a long one is cut around it.

    column: 1-based.
    """
    if len(line) <= LINE_MAX:
        return line, 0
    start = max(column - 1 - BEFORE, 0)
    end = start + SHOWN_MAX
    before, after = DOTS if start else "", DOTS if end < len(line) else ""
    return f"{before}{line[start:end]}{after}", start - len(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One root cause.

    code: stable and dotted (`config.unknown-key`). message: lower case, no full stop.
    file: empty where no file is to blame (command line, environment).
    line, column: 1-based, 0 = unknown. snippet: the source line, never one that holds a secret.
    length: characters the caret underlines. hint: what to write instead, may be empty.
    pointer: JSON Pointer of the place inside the file, where it is known.
    cut: how far left the column is in the snippet, as `excerpt` gives it.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    snippet: str = ""
    hint: str = ""
    length: int = 1
    severity: Severity = "error"
    pointer: str = ""
    cut: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether the snippet is a part of its line."""
        return self.snippet.startswith(DOTS) or self.snippet.endswith(DOTS)

    @property
    def location(self) -> Location:
        """Its place."""
        return Location(self.file, self.line, self.column)

    def render(self) -> str:
        """Several lines of plain text, without colour and without a line end."""
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        if self.file:
            inside = f" ({self.pointer})" if self.is_cut and self.pointer else ""
            lines.append(f"  --> {self.location}{inside}")
        if self.snippet and self.line:
            number = str(self.line)
            before = max(self.column - 1 - self.cut, 0)
            pad = " " * before
            length = min(self.length, max(len(self.snippet) - before, 1))
            lines.append(f"{number} | {self.snippet}")
            lines.append(f"{' ' * len(number)} | {pad}{'^' * max(length, 1)}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)
