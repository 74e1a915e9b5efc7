"""Proxies: says once that somebody who is not trusted sends `X-Forwarded-For`.

Nobody is trusted unless `trusted_proxies` names it, so that behind an unnamed proxy every client
counts as one: that is worth a word, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ipaddress import IPv4Network, IPv6Network

FIELD = b"x-forwarded-for"


class Proxies:
    """is_watching: it has not been said yet."""

    __slots__ = ("_networks", "_passes", "_say", "is_watching")

    def __init__(
        self, trusted: Iterable[str], say: Callable[[str], None], *, passes: bool = False
    ) -> None:
        """trusted: networks or addresses, as the config has them.

        passes: what anybody says of where it comes from goes on to the app, as in shadow.
        """
        self._networks = tuple(map(_network, trusted))
        self._passes = passes
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

    def lets(self, peer: str) -> bool:
        """Whether the app sees the forwarding fields of `peer`."""
        return self._passes or (bool(self._networks) and self._trusts(peer))

    def _trusts(self, peer: str) -> bool:
        from ipaddress import ip_address

        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in one for one in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    from ipaddress import ip_network

    return ip_network(text, strict=False)
