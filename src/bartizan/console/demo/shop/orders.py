"""Products and orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.demo.shop.message import Refused, Response

if TYPE_CHECKING:
    from bartizan.console.demo.shop.desk import Desk
    from bartizan.console.demo.shop.message import Request, Row

_LIMITED_MOST = 2
_ORDER = "id, product_id, quantity, total_cents, address, status"
_PRODUCT = "id, name, price_cents, stock"


def list_products(desk: Desk, request: Request) -> Response:
    """All products, at most `limit`."""
    limit = int(request.query.get("limit", "100"))
    found = desk.tables.rows(f"SELECT {_PRODUCT} FROM products LIMIT ?", limit)  # noqa: S608, names of our own
    return Response(200, found)


def list_orders(desk: Desk, request: Request) -> Response:
    """The caller's orders."""
    caller = desk.caller(request)
    found = desk.tables.rows(f"SELECT {_ORDER} FROM orders WHERE user_id = ?", caller["id"])  # noqa: S608, names of our own
    return Response(200, found)


def show_order(desk: Desk, request: Request, order_id: str) -> Response:
    """One order. Unless API1 is mended, of anybody."""
    return Response(200, _owned(desk, request, order_id))


def cancel_order(desk: Desk, request: Request, order_id: str) -> Response:
    """Cancels an order. Unless API1 is mended, of anybody."""
    row = _owned(desk, request, order_id)
    desk.tables.run("UPDATE orders SET status = 'cancelled' WHERE id = ?", row["id"])
    return Response(204)


def order(desk: Desk, request: Request) -> Response:
    """Buys. Unless API6 is mended, any number of a limited edition."""
    caller, data = desk.caller(request), request.data()
    product = desk.tables.row("SELECT * FROM products WHERE id = ?", data.get("product_id"))
    if product is None:
        raise Refused(404, "no such product")
    quantity = int(str(data.get("quantity")))
    _require_fair(desk, caller, product, quantity)
    total = int(str(product["price_cents"])) * quantity * (100 - _percent(desk, data)) // 100
    row_id = desk.tables.run(
        "INSERT INTO orders (user_id, product_id, quantity, total_cents, address)"
        " VALUES (?, ?, ?, ?, ?)",
        *(caller["id"], product["id"], quantity, total, data.get("address")),
    )
    desk.tables.run("UPDATE products SET stock = stock - ? WHERE id = ?", quantity, product["id"])
    return Response(201, _order(desk, row_id))


def _require_fair(desk: Desk, caller: Row, product: Row, quantity: int) -> None:
    if quantity > int(str(product["stock"])):
        raise Refused(409, "not that many left")
    if not desk.is_fixed("API6") or not product["is_limited"]:
        return
    bought = desk.tables.rows(
        "SELECT quantity FROM orders WHERE user_id = ? AND product_id = ?",
        *(caller["id"], product["id"]),
    )
    if quantity + sum(int(str(row["quantity"])) for row in bought) > _LIMITED_MOST:
        raise Refused(409, "two for each customer")


def _percent(desk: Desk, data: Row) -> int:
    if "coupon" not in data:
        return 0
    rows = desk.tables.rows("SELECT code, percent FROM coupons")
    coupons = {row["code"]: int(str(row["percent"])) for row in rows}
    # An unknown code is a KeyError: the error page of API8 then tells where.
    return coupons[data["coupon"]]


def _owned(desk: Desk, request: Request, order_id: str) -> Row:
    caller = desk.caller(request)
    owner = desk.tables.row("SELECT user_id FROM orders WHERE id = ?", int(order_id))
    if owner is None or (desk.is_fixed("API1") and owner["user_id"] != caller["id"]):
        raise Refused(404, "no such order")
    return _order(desk, int(order_id))


def _order(desk: Desk, row_id: int) -> Row:
    return desk.tables.row(f"SELECT {_ORDER} FROM orders WHERE id = ?", row_id) or {}  # noqa: S608, names of our own
