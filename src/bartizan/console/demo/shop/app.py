"""The shop as a function: a request in, an answer out. No socket, no thread."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

from bartizan.console.demo.shop import accounts, backoffice, orders
from bartizan.console.demo.shop.message import Refused, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.console.demo.shop.desk import Desk

_TELLING = {"server": "Shop/0.9 (Python)", "x-powered-by": "shop-framework 2.1"}

ROUTES: tuple[tuple[str, re.Pattern[str], Callable[..., Response]], ...] = tuple(
    (method, re.compile(path), handler)
    for method, path, handler in (
        ("POST", r"/login", accounts.log_in),
        ("POST", r"/users", accounts.register),
        ("GET", r"/users/me", accounts.show_me),
        ("PATCH", r"/users/me", accounts.change_me),
        ("GET", r"/cards", accounts.list_cards),
        ("GET", r"/cards/(?P<card_id>\d+)", accounts.show_card),
        ("GET", r"/products", orders.list_products),
        ("GET", r"/orders", orders.list_orders),
        ("POST", r"/orders", orders.order),
        ("GET", r"/orders/(?P<order_id>\d+)", orders.show_order),
        ("DELETE", r"/orders/(?P<order_id>\d+)", orders.cancel_order),
        ("GET", r"/admin/users", backoffice.list_users),
        ("POST", r"/import", backoffice.import_feed),
        ("POST", r"/webhooks", backoffice.add_webhook),
        # Not in the document.
        ("GET", r"/debug", backoffice.show_debug),
        ("GET", r"/v0/users/(?P<user_id>\d+)", backoffice.show_old_user),
    )
)


def answer(desk: Desk, request: Request) -> Response:
    """The answer of the shop; never raises."""
    try:
        given = _routed(desk, request)
    except Refused as refused:
        given = Response(refused.status, {"error": str(refused)})
    except Exception as fault:  # noqa: BLE001, a request never ends the server
        given = _failed(desk, fault)
    telling = {} if desk.is_fixed("API8") else _TELLING
    return Response(given.status, given.data, telling | given.headers)


def _routed(desk: Desk, request: Request) -> Response:
    method = request.method
    if not desk.is_fixed("API8"):
        method = request.headers.get("x-http-method-override", method).upper()
    found = [(own, hit, run) for own, path, run in ROUTES if (hit := path.fullmatch(request.path))]
    if not found:
        raise Refused(404, "no such page")
    for own, hit, run in found:
        if own == method:
            return run(desk, request, **hit.groupdict())
    raise Refused(405, "not with this method")


def _failed(desk: Desk, fault: Exception) -> Response:
    """The planted hole of API8: the error page tells where the code stands."""
    if desk.is_fixed("API8"):
        return Response(500, {"error": "something went wrong"})
    trace = "".join(traceback.format_exception(fault))
    return Response(500, {"error": f"{type(fault).__name__}: {fault}", "trace": trace})
