"""Ports of the store: what rooms above may ask of it, whatever keeps the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.model.event import Notable


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which notable Events: empty members do not filter. `since_ms` is inclusive."""

    since_ms: int = 0
    operation: str = ""
    code: str = ""
    verdict: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts over the life of the store.

    delivered: Events that arrived, notable or not. lost: Events the gateway counted as dropped.
    forgotten: notable Events taken out again because the bounds were reached.
    life: those of `delivered` and `lost` that are of the gateway process of now.
    """

    delivered: int = 0
    lost: int = 0
    forgotten: int = 0
    life: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept: the oldest rows go first."""

    rows_max: int = 100_000
    age_max_ms: int = 24 * 3600 * 1000


class Notables(Protocol):
    """The bounded table of notable Events: denies, challenges, throttles, shadow ones too."""

    def keep(self, rows: Sequence[Notable], seen: Totals) -> None:
        """Adds rows and the counts in `seen`, then drops what is beyond the bounds.

        All or nothing. Age is measured against the newest row, so no clock is read.
        """

    def find(self, ref: str) -> Notable | None:
        """The Event with this reference id."""

    def search(self, query: Query) -> Iterator[Notable]:
        """Events that fit, newest first."""

    def count(self, query: Query) -> int:
        """How many Events fit."""

    def totals(self) -> Totals:
        """The counts so far."""

    def know(self, operations: Iterable[str]) -> None:
        """From now on these are the Operations of the Policy in force."""

    def operations(self) -> frozenset[str]:
        """The Operations of the Policy in force; empty while nobody told them."""

    def close(self) -> None:
        """Lets go of what is held open."""


def who(row: Notable) -> str:
    """What tells callers apart: the Principal's subject, else the address."""
    principal = row.event.principal
    return principal.subject if principal and principal.subject else row.event.peer
