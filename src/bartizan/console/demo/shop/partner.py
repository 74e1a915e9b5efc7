"""Two neighbours of the shop on the same machine: a partner's feeds, and a service for insiders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.demo.shop.message import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_FEEDS: dict[str, object] = {
    "/spring.json": [{"name": "Kettle", "price_cents": 3_500}],
    "/hooks/shop": {"status": "thank you"},
}

# The partner was broken into: these names close the statement and begin another.
_THEFT = "Mug', 1, 0, 0); UPDATE products SET price_cents = 1 WHERE id = {}; --"
_POISONED: dict[str, object] = {
    f"/poisoned-{product}.json": [{"name": _THEFT.format(product), "price_cents": 900}]
    for product in (1, 2)
}

_INSIDE: dict[str, object] = {
    "/credentials": {"role": "shop-prod", "secret": "not-a-real-secret-42"}
}


def partner(request: Request) -> Response:
    """The partner's API."""
    return _page(_FEEDS | _POISONED, request)


def insider(request: Request) -> Response:
    """A service that trusts its machine, as cloud metadata services do."""
    return _page(_INSIDE, request)


def _page(pages: Mapping[str, object], request: Request) -> Response:
    if request.method != "GET" or request.path not in pages:
        return Response(404, {"error": "no such page"})
    return Response(200, pages[request.path])
