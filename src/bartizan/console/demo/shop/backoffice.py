"""What the staff and partners use, and what should have been taken down long ago."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.console.demo.shop.message import Refused, Response

if TYPE_CHECKING:
    from bartizan.console.demo.shop.desk import Desk
    from bartizan.console.demo.shop.message import Request

_SHOWN_MAX = 500
_NAME_MAX = 80
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def list_users(desk: Desk, request: Request) -> Response:
    """All accounts. Unless API5 is mended, for everybody who is logged in."""
    desk.staff(request)
    return Response(200, desk.tables.rows("SELECT id, name, email FROM users"))


def import_feed(desk: Desk, request: Request) -> Response:
    """Takes a partner's feed of products into the table. Unless API10 is mended, as it comes."""
    desk.caller(request)
    feed = str(request.data().get("feed"))
    items = json.loads(_fetched(desk, f"{desk.world.partner}/{feed}.json"))
    for item in items:
        if desk.is_fixed("API10"):
            _import_checked(desk, item)
        else:
            desk.tables.run_as_it_comes(
                "INSERT INTO products (name, price_cents, is_limited, stock)"  # noqa: S608, the planted hole
                f" VALUES ('{item['name']}', {item['price_cents']}, 0, 10)"
            )
    return Response(200, {"imported": len(items)})


def _import_checked(desk: Desk, item: dict[str, object]) -> None:
    name, price = item.get("name"), item.get("price_cents")
    is_sane = isinstance(name, str) and len(name) <= _NAME_MAX and name.isprintable()
    if not is_sane or not isinstance(price, int) or price < 0 or set(str(name)) & set("';"):
        raise Refused(422, "the feed holds an item that is no product")
    desk.tables.run(
        "INSERT INTO products (name, price_cents, is_limited, stock) VALUES (?, ?, 0, 10)",
        *(name, price),
    )


def add_webhook(desk: Desk, request: Request) -> Response:
    """Notes an address and tries it. Unless API7 is mended, any address."""
    caller = desk.caller(request)
    url = str(request.data().get("url"))
    if desk.is_fixed("API7") and not url.startswith(f"{desk.world.partner}/"):
        raise Refused(422, "only addresses of the partner")
    answer = _fetched(desk, url)[:_SHOWN_MAX].decode(errors="replace")
    row_id = desk.tables.run("INSERT INTO webhooks (user_id, url) VALUES (?, ?)", caller["id"], url)
    return Response(201, {"id": row_id, "url": url, "answer": answer})


def _fetched(desk: Desk, url: str) -> bytes:
    """The demo never leaves this machine, whatever is asked of it."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise Refused(422, "the demo fetches from this machine only")
    try:
        return desk.world.fetch(url)
    except OSError:
        raise Refused(502, "the address does not answer") from None


def show_debug(desk: Desk, _request: Request) -> Response:
    """The settings, for developers. Gone when API8 is mended."""
    if desk.is_fixed("API8"):
        raise Refused(404, "no such page")
    settings = {"python": sys.version.split()[0], "database": "sqlite:///shop.db"}
    return Response(200, settings | {"signing_key": "not-a-real-key-0123456789"})


def show_old_user(desk: Desk, _request: Request, user_id: str) -> Response:
    """An account in the old version, without log-in. Gone when API9 is mended."""
    if desk.is_fixed("API9"):
        raise Refused(404, "no such page")
    row = desk.tables.row("SELECT id, name, email FROM users WHERE id = ?", int(user_id))
    if row is None:
        raise Refused(404, "no such user")
    return Response(200, row)
