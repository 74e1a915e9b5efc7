"""The store in memory: for tests, and for runs that shall leave nothing behind."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bartizan.store.ports import Bounds, Notables, Query, Totals, who

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.model.event import Notable


class MemoryNotables(Notables):
    """Notable Events in a deque. Every call is O(rows)."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._rows: deque[Notable] = deque()
        self._totals = Totals()
        self._operations = frozenset[str]()

    def keep(self, rows: Sequence[Notable], seen: Totals) -> None:
        """See Notables."""
        known = {row.event.id for row in self._rows}
        self._rows.extend(row for row in rows if row.event.id not in known)
        forgotten = self._forget()
        self._totals = Totals(
            delivered=self._totals.delivered + seen.delivered,
            lost=self._totals.lost + seen.lost,
            forgotten=self._totals.forgotten + forgotten,
            life=self._totals.life + seen.life,
        )

    def _forget(self) -> int:
        newest = max((row.event.time_ms for row in self._rows), default=0)
        oldest = newest - self._bounds.age_max_ms
        before = len(self._rows)
        while self._rows and (
            len(self._rows) > self._bounds.rows_max or self._rows[0].event.time_ms < oldest
        ):
            self._rows.popleft()
        return before - len(self._rows)

    def find(self, ref: str) -> Notable | None:
        """See Notables."""
        return next((row for row in reversed(self._rows) if row.event.id == ref), None)

    def search(self, query: Query) -> Iterator[Notable]:
        """See Notables."""
        return (row for row in reversed(self._rows) if _fits(row, query))

    def count(self, query: Query) -> int:
        """See Notables."""
        return sum(1 for _ in self.search(query))

    def totals(self) -> Totals:
        """See Notables."""
        return self._totals

    def know(self, operations: Iterable[str]) -> None:
        """See Notables."""
        self._operations = frozenset(operations)

    def operations(self) -> frozenset[str]:
        """See Notables."""
        return self._operations

    def close(self) -> None:
        """See Notables."""


def _fits(row: Notable, query: Query) -> bool:
    event = row.event
    leading = event.leading
    return (
        event.time_ms >= query.since_ms
        and query.operation in ("", event.route)
        and query.verdict in ("", event.verdict)
        and query.code in ("", leading.code if leading else "")
        and query.who in ("", who(row))
    )
