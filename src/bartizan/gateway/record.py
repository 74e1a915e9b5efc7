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
        # Events of the gateway process that were recorded or counted as lost; None: not known yet.
        self._life: int | None = None
        self._life_added = 0
        self._is_joining = False

    def add(self, lines: Sequence[bytes], count: int) -> None:
        """A batch: its notable lines, and how many Events it held in all."""
        self._delivered += count
        self._add_to_life(count)
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

    def start(self, life: int) -> None:
        """A new gateway process; `life` is what the store holds of the one before."""
        self._life, self._life_added = 0, -life
        self._dropped_before = 0
        self._is_joining = False

    def join(self, life: int) -> None:
        """A running gateway process is joined, of which the store holds this many Events."""
        if self._life is None:
            self._life = life
        self._is_joining = True

    def count(self, counters: Counters) -> None:
        """The gateway's own counts: what it dropped since the last time is lost to us."""
        if self._is_joining:
            self._is_joining = False
            self._settle(counters.delivered + counters.dropped - (self._life or 0))
        else:
            dropped = max(0, counters.dropped - self._dropped_before)
            self._lost += dropped
            self._add_to_life(dropped)
        self._dropped_before = counters.dropped

    def _settle(self, missed: int) -> None:
        """The first counts after a join, before any Event.

        More than we know of: a control process read them and was killed before they were stored,
        or they were dropped. Fewer: a batch was stored, and will come again.
        """
        self._lost += max(0, missed)
        self._delivered += min(0, missed)
        self._add_to_life(missed)

    def _add_to_life(self, count: int) -> None:
        self._life = (self._life or 0) + count
        self._life_added += count

    def take(self) -> tuple[list[Notable], Totals] | None:
        """What waits, and nothing of it afterwards; None when nothing waits."""
        if not (self._rows or self._delivered or self._lost or self._life_added):
            return None
        seen = Totals(delivered=self._delivered, lost=self._lost, life=self._life_added)
        taken = self._rows, seen
        self._rows, self._delivered, self._lost, self._life_added = [], 0, 0, 0
        return taken
