"""What every route of the shop works with: tables, fixes, clock, the caller and the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.console.demo.issuer import AUDIENCE, ISSUER, Issuer, opened
from bartizan.console.demo.shop.message import Refused, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.console.demo.shop.database import Database
    from bartizan.console.demo.shop.message import Row

MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What lies outside. now_s: the clock. fetch: the body behind a URL; raises OSError.

    partner: base URL of the partner's API.
    """

    now_s: Callable[[], int]
    fetch: Callable[[str], bytes]
    partner: str


@dataclass(slots=True)
class Desk:
    """One shop. fixes: ids of the weaknesses that are mended."""

    tables: Database
    issuer: Issuer
    world: World
    fixes: frozenset[str] = frozenset()
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def is_fixed(self, weakness: str) -> bool:
        """Whether this weakness is mended."""
        return weakness in self.fixes

    def caller(self, request: Request) -> Row:
        """The row of who asks. Raises Refused."""
        name = self._verified(request) if self.is_fixed("API2") else _believed(request)
        row = self.tables.row("SELECT * FROM users WHERE name = ?", name)
        if row is None:
            raise Refused(401, "log in first")
        self.count(f"caller:{name}", 60)
        return row

    def _verified(self, request: Request) -> object:
        try:
            body = self.issuer.verified(_bearer(request))
        except ValueError:
            raise Refused(401, "log in first") from None
        is_ours = body.get("iss") == ISSUER and body.get("aud") == AUDIENCE
        expires = body.get("exp")
        if not is_ours or not isinstance(expires, int) or expires <= self.world.now_s():
            raise Refused(401, "log in first")
        return body.get("sub")

    def count(self, key: str, most: int) -> None:
        """Counts one use of `key` in this minute. If API4 is mended, Refused beyond `most`."""
        if not self.is_fixed("API4"):
            return
        minute = self.world.now_s() // MINUTE_S
        used = self._counts.get((key, minute), 0) + 1
        self._counts[key, minute] = used
        if used > most:
            raise Refused(429, "too many requests")

    def staff(self, request: Request) -> Row:
        """The row of a caller who may use the routes of the staff. Raises Refused."""
        row = self.caller(request)
        if self.is_fixed("API5") and not row["is_admin"]:
            raise Refused(403, "for the staff only")
        return row


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _believed(request: Request) -> object:
    """The planted hole of API2: whatever the token says, and without one whatever a header says."""
    try:
        return opened(_bearer(request))[1].get("sub")
    except ValueError:
        return request.headers.get("x-customer")
