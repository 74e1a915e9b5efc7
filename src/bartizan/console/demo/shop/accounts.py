"""Log-in, the customer's own account, and their payment cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.demo.issuer import LIFETIME_S
from bartizan.console.demo.shop.database import password_hash
from bartizan.console.demo.shop.message import Refused, Response

if TYPE_CHECKING:
    from bartizan.console.demo.shop.desk import Desk
    from bartizan.console.demo.shop.message import Request, Row

_USER = ("id", "name", "email")
_CARD = ("id", "brand", "last4")


def log_in(desk: Desk, request: Request) -> Response:
    """Name and password for a token."""
    data = request.data()
    name, password = str(data.get("name")), str(data.get("password"))
    desk.count(f"log-in:{name}", 5)
    row = desk.tables.row("SELECT * FROM users WHERE name = ?", name)
    if row is None or row["password_hash"] != password_hash(name, password):
        raise Refused(401, "wrong name or password")
    token = desk.issuer.token(name, desk.world.now_s())
    return Response(200, {"token": token, "expires_in": LIFETIME_S})


def register(desk: Desk, request: Request) -> Response:
    """A new account. Unless API3 is mended, any column may be set with it."""
    data = request.data()
    name = str(data.get("name"))
    if desk.tables.row("SELECT id FROM users WHERE name = ?", name):
        raise Refused(409, "this name is taken")
    hashed = {"password_hash": password_hash(name, str(data.get("password")))}
    row_id = desk.tables.insert("users", _writable(desk, data, ("name", "email")) | hashed)
    return Response(201, _user(desk, row_id))


def show_me(desk: Desk, request: Request) -> Response:
    """The caller's account. Unless API3 is mended, the whole row."""
    return Response(200, _shown(desk, desk.caller(request), _USER))


def change_me(desk: Desk, request: Request) -> Response:
    """Changes the caller's account. Unless API3 is mended, any column of it."""
    row_id = _id(desk.caller(request))
    desk.tables.update("users", row_id, _writable(desk, request.data(), ("email",)))
    return Response(200, _user(desk, row_id))


def list_cards(desk: Desk, request: Request) -> Response:
    """The caller's cards."""
    row_id = _id(desk.caller(request))
    rows = desk.tables.rows("SELECT * FROM cards WHERE user_id = ?", row_id)
    return Response(200, [_shown(desk, row, _CARD) for row in rows])


def show_card(desk: Desk, request: Request, card_id: str) -> Response:
    """One card. Unless API1 is mended, of anybody."""
    caller = desk.caller(request)
    row = desk.tables.row("SELECT * FROM cards WHERE id = ?", int(card_id))
    if row is None or (desk.is_fixed("API1") and row["user_id"] != caller["id"]):
        raise Refused(404, "no such card")
    return Response(200, _shown(desk, row, _CARD))


def _user(desk: Desk, row_id: int) -> Row:
    row = desk.tables.row("SELECT * FROM users WHERE id = ?", row_id) or {}
    return _shown(desk, row, _USER)


def _shown(desk: Desk, row: Row, documented: tuple[str, ...]) -> Row:
    return {name: row[name] for name in documented} if desk.is_fixed("API3") else row


def _writable(desk: Desk, data: Row, documented: tuple[str, ...]) -> Row:
    if not desk.is_fixed("API3"):
        return data
    return {name: data[name] for name in documented if name in data}


def _id(row: Row) -> int:
    return int(str(row["id"]))
