"""Turns Event batches of the gateway process into rows for the store. No IO but source lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.event import EventFault, Notable, parse_event
from bartizan.store.ports import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.gateway.link import Counters
    from bartizan.model.event import Event, Setting

    Locate = Callable[[int | None, str], Setting | None]

POLICIES_MAX = 8


class Settings:
    """The settings behind reasons, by the Policy that gave them; the newest few Policies."""

    def __init__(self) -> None:
        self._locates: dict[str, Locate] = {}
        self._known: dict[tuple[str, int | None, str], Setting | None] = {}

    def learn(self, policy: str, locate: Locate) -> None:
        """From now on Events of `policy` (16 hex digits or more of its hash) are placed by it."""
        self._locates.pop(policy[:16], None)
        self._locates[policy[:16]] = locate
        while len(self._locates) > POLICIES_MAX:
            del self._locates[next(iter(self._locates))]
        self._known.clear()

    def of(self, event: Event) -> tuple[Setting | None, ...]:
        """One Setting per reason; None where a built-in default or nothing is behind it."""
        return tuple(self._of(event.policy[:16], r.document, r.source) for r in event.reasons)

    def _of(self, policy: str, document: int | None, pointer: str) -> Setting | None:
        key = (policy, document, pointer)
        if key not in self._known:
            locate = self._locates.get(policy)
            self._known[key] = locate(document, pointer) if locate else None
        return self._known[key]


class Ledger:
    """Rows and counts waiting for the store, bounded: beyond `rows_max` the oldest are given up."""

    def __init__(self, settings: Settings, rows_max: int = 20_000) -> None:
        self._settings = settings
        self._rows_max = rows_max
        self._rows: list[Notable] = []
        self._delivered = 0
        self._lost = 0
        self._dropped_before = 0

    def add(self, lines: Sequence[bytes], count: int) -> None:
        """A batch: its notable lines, and how many Events it held in all."""
        self._delivered += count
        for line in lines:
            try:
                event = parse_event(line)
            except EventFault:
                self._lost += 1
                continue
            self._rows.append(Notable(event, line, self._settings.of(event)))
        if len(self._rows) > self._rows_max:
            self._lost += len(self._rows) - self._rows_max
            del self._rows[: -self._rows_max]

    def join(self, dropped_before: int) -> None:
        """A gateway process is joined, of whose drops this many are already in the store."""
        self._dropped_before = dropped_before

    def count(self, counters: Counters) -> None:
        """The gateway's own counts: what it dropped since the last time is lost to us."""
        self._lost += max(0, counters.dropped - self._dropped_before)
        self._dropped_before = counters.dropped

    def take(self) -> tuple[list[Notable], Totals] | None:
        """What waits, and nothing of it afterwards; None when nothing waits."""
        if not (self._rows or self._delivered or self._lost):
            return None
        taken = self._rows, Totals(delivered=self._delivered, lost=self._lost)
        self._rows, self._delivered, self._lost = [], 0, 0
        return taken
