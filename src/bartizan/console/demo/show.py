"""How the tour looks: 80 columns, plain words, colour only for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from bartizan.console.demo.steps import Chapter, Kind
from bartizan.console.rendering import bold, paint, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.console.demo.stage import Stage
    from bartizan.console.demo.tour import Outcome

WIDTH = 80
_INDENT = " " * 11
_WORDS = " " * 35
_RED, _GREEN, _YELLOW, _DIM = "\033[31m", "\033[32m", "\033[33m", "\033[2m"
_SHADES = {Kind.DEFUSED: _GREEN, Kind.HONEST: _GREEN, Kind.OPEN: _YELLOW, Kind.REFUSED: _GREEN}
_MARKS = {
    Kind.DEFUSED: "cleaned",
    Kind.HONEST: "passes",
    Kind.OPEN: "not yet stopped",
    Kind.REFUSED: "refused",
}


class Show:
    """Puts the tour into lines. colour: whether a person looks at it."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def opening(self, stage: Stage, entry: str) -> str:
        """Who is on stage. entry: how to look closer in a second terminal; empty if nobody can."""
        closer = [f"  a second terminal, to look closer:  {entry}"] if entry else []
        return "\n".join(
            [
                bold(
                    "A shop that is vulnerable on purpose, and Bartizan in front", on=self._colour
                ),
                "",
                f"  the shop   {stage.shop}",
                f"  Bartizan   {stage.guarded}",
                *closer,
                "",
                *textwrap.wrap(
                    "Each attack goes straight to the shop first, then through Bartizan, which "
                    "knows the shop's OpenAPI document, its token issuer and two limits.",
                    WIDTH,
                ),
            ]
        )

    def chapter(self, chapter: Chapter) -> str:
        """The title of a chapter, and its note."""
        title = bold(chapter.title, on=self._colour)
        rule = self._paint("-" * len(chapter.title), _DIM)
        note = [*textwrap.wrap(chapter.note, WIDTH), ""] if chapter.note else []
        return "\n".join(["", title, rule, *note])

    def heading(self, number: int, outcome: Outcome) -> str:
        """What is tried."""
        step = outcome.step
        title = bold(step.title, on=self._colour)
        return f"{number:>3}  {step.weakness:<5} {title}\n{_INDENT}{self._paint(step.shown, _DIM)}"

    def straight(self, outcome: Outcome) -> str:
        """What the shop did."""
        step, answer = outcome.step, outcome.straight
        is_attack = step.kind is not Kind.HONEST
        shade = _RED if is_attack else _GREEN
        word = "works" if is_attack else "passes"
        status = self._paint(f"{answer.status} {word}", shade)
        return self._side("the shop", status, f"{answer.status} {word}", step.straight_words)

    def guarded(self, outcome: Outcome) -> str:
        """What Bartizan did, why, and how to ask it."""
        step, answer = outcome.step, outcome.guarded
        mark = "passes" if step.kind is Kind.OPEN else _MARKS[step.kind]
        words = outcome.reason if step.kind is Kind.REFUSED else step.guarded_words
        status = self._paint(f"{answer.status} {mark}", _SHADES[step.kind])
        lines = [self._side("Bartizan", status, f"{answer.status} {mark}", words)]
        if outcome.reference:
            command = f"bartizan explain {outcome.reference}"
            lines.append(f"{_WORDS}{self._paint(command, _DIM)}")
        lines += [self._paint(f"{_INDENT}not as told: {own}", _RED) for own in outcome.deviations]
        return "\n".join(lines)

    def table(self, outcomes: Sequence[Outcome]) -> str:
        """One line for each step."""
        head = f"{'':>3}  {'':5} {'':42} {'the shop':<10} Bartizan"
        rows = [self._row(number, outcome) for number, outcome in enumerate(outcomes, 1)]
        return "\n".join([bold(head, on=self._colour), *rows])

    def _row(self, number: int, outcome: Outcome) -> str:
        step = outcome.step
        word = "passes" if step.kind is Kind.HONEST else "works"
        straight = f"{outcome.straight.status} {word}"
        left = f"{number:>3}  {step.weakness:<5} {step.title:<42} {straight:<10} "
        if outcome.deviations:
            return left + self._paint("not as told", _RED)
        status = "" if step.kind is Kind.OPEN else f"{outcome.guarded.status} "
        return left + self._paint(f"{status}{_MARKS[step.kind]}", _SHADES[step.kind])

    def summary(self, outcomes: Sequence[Outcome]) -> str:
        """How many of each, and whether all went as told."""
        told = [outcome.step.kind for outcome in outcomes if not outcome.deviations]
        stopped = told.count(Kind.REFUSED) + told.count(Kind.DEFUSED)
        count = f"{stopped} attacks stopped, {told.count(Kind.HONEST)} honest requests passed"
        count += f", {told.count(Kind.OPEN)} attacks not yet stopped."
        wrong = [str(number) for number, own in enumerate(outcomes, 1) if own.deviations]
        if wrong:
            numbers = ", ".join(wrong)
            return f"{count}\n{self._paint(f'Not as told: step {numbers}.', _RED)}"
        return f"{count}\n{self._paint('Every step went as told.', _GREEN)}"

    def farewell(self) -> str:
        """For a tour that ends by itself."""
        return "To try the commands above, run `bartizan demo` in a terminal: it stays up."

    def closing(self, stage: Stage, entry: str) -> str:
        """What to try while it is up."""
        return "\n".join(
            [
                bold("All of it stays up until Ctrl-C.", on=self._colour),
                "",
                f"  the shop            {stage.shop}",
                f"  Bartizan            {stage.guarded}",
                f"  health              {stage.admin}/readyz?verbose",
                f"  metrics             {stage.admin}/metrics",
                "",
                f"  {entry}",
                "  bartizan explain REF      why one request was refused",
                "  bartizan tail             live traffic",
                "  bartizan report           refusals by operation and reason",
                f"  curl -iH @ann {stage.guarded}/orders",
            ]
        )

    def _side(self, name: str, status: str, bare: str, words: str) -> str:
        pad = " " * max(0, 13 - len(bare))
        first, *rest = textwrap.wrap(plain(words), WIDTH - len(_WORDS)) or [""]
        lines = [f"{_INDENT}{name:<10}{status}{pad} {first}".rstrip()]
        return "\n".join([*lines, *(f"{_WORDS}{line}" for line in rest)])

    def _paint(self, text: str, shade: str) -> str:
        return paint(text, shade, on=self._colour)
