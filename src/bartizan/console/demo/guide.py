"""Leads through the tour: says what is tried, what came of it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.console.demo.tour import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bartizan.console.demo.record import Record
    from bartizan.console.demo.show import Show
    from bartizan.console.demo.stage import Stage
    from bartizan.console.demo.steps import Chapter
    from bartizan.console.demo.tour import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """put: shows lines. pause: waits while they are read.

    is_watched: each step waits for its turn; else all are taken first, and the record, which
    comes in batches, is asked afterwards.
    """

    show: Show
    put: Callable[[str], None]
    pause: Callable[[], None]
    record: Record
    is_watched: bool

    def lead(
        self, stage: Stage, entry: str, steps: Iterable[tuple[Chapter, Outcome]]
    ) -> list[Outcome]:
        """Every step, then the table. Gives the outcomes, held against the record."""
        self.put(self.show.opening(stage, entry))
        self.pause()
        outcomes: list[Outcome] = []
        chapter = None
        for own, outcome in steps if self.is_watched else list(steps):
            if own is not chapter:
                chapter = own
                self.pause()
                self.put(self.show.chapter(own))
            outcomes.append(self._step(len(outcomes) + 1, outcome))
        self.put(f"\n{self.show.table(outcomes)}\n\n{self.show.summary(outcomes)}")
        return outcomes

    def leave(self) -> None:
        """The end of a tour that does not stay."""
        self.put(f"\n{self.show.farewell()}")

    def stay(self, stage: Stage, entry: str) -> None:
        """What to try from now on."""
        self.put(f"\n{self.show.closing(stage, entry)}")

    def _step(self, number: int, outcome: Outcome) -> Outcome:
        self.put(self.show.heading(number, outcome))
        self.pause()
        self.put(self.show.straight(outcome))
        self.pause()
        known = recorded(outcome, self.record)
        self.put(self.show.guarded(known))
        self.pause()
        return known
