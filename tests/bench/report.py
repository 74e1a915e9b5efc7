"""The dated page of figures, written whole in each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "look-up" / "benchmarks.md"
MARK = "<!-- section: {} -->"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: title, head, rows, and what the reader must know about it."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [f"## {self.title}", "", *(f"{note}" for note in self.notes)]
        lines += [""] if self.notes else []
        lines += [row_of(self.head), row_of(["---"] * len(self.head))]
        return "\n".join([*lines, *(row_of(row) for row in self.rows)])


def row_of(cells: Sequence[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(cells) + " |"


def sections(page: str) -> dict[str, str]:
    """What an earlier run wrote, by section."""
    parts = page.split("<!-- section: ")[1:]
    return {part.partition(" -->")[0]: part.partition(" -->")[2].strip() for part in parts}


def write(new: dict[str, str], order: Sequence[str]) -> None:
    """Replace the sections that were measured now; keep the others with their own dates."""
    old = sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    whole = {**old, **new}
    text = ["# Benchmarks", "", "Written by `make bench`; each section carries its own date."]
    for name in order:
        if name in whole:
            text += ["", MARK.format(name), whole[name]]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")
