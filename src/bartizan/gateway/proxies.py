"""Proxies: says once that somebody who is not trusted sends `X-Forwarded-For`.

Nobody is trusted unless `trusted_proxies` names it, so that behind an unnamed proxy every client
counts as one: that is worth a word, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELD = b"x-forwarded-for"


class Proxies:
    """is_watching: it has not been said yet."""

    __slots__ = ("_say", "_trusted", "is_watching")

    def __init__(self, trusted: Iterable[str], say: Callable[[str], None]) -> None:
        """trusted: networks or addresses, as the config has them."""
        self._trusted = tuple(trusted)
        self._say = say
        self.is_watching = True

    def see(self, peer: str) -> None:
        """A Request of `peer` names another client."""
        if self.is_watching and not self._trusts(peer):
            self.is_watching = False
            self._say(
                f"{peer or 'a peer without address'} sends X-Forwarded-For and is not in"
                " `trusted_proxies`: all clients behind it count as one"
            )

    def _trusts(self, peer: str) -> bool:
        from ipaddress import ip_address, ip_network

        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in ip_network(one, strict=False) for one in self._trusted)
