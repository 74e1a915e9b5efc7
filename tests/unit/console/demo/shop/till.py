"""A shop for tests: tables in memory, a clock that stands, neighbours as functions."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from bartizan.console.demo.issuer import Issuer
from bartizan.console.demo.shop import app
from bartizan.console.demo.shop import partner as neighbours
from bartizan.console.demo.shop.database import Database
from bartizan.console.demo.shop.desk import Desk, World
from bartizan.console.demo.shop.message import Request, Response

NOW_S = 1_800_000_000
ISSUER = Issuer(b"\x07" * 32)
PARTNER = "http://127.0.0.1:1"
INSIDER = "http://127.0.0.1:2"


def fetch(url: str) -> bytes:
    parts = urlsplit(url)
    answering = neighbours.partner if parts.port == 1 else neighbours.insider
    given = answering(Request("GET", parts.path))
    if given.status != 200:
        raise OSError(url)
    return given.body()


class Till:
    """One shop, and short words to ask it."""

    def __init__(self, *fixes: str) -> None:
        world = World(now_s=lambda: NOW_S, fetch=fetch, partner=PARTNER)
        self.desk = Desk(Database(":memory:"), ISSUER, world, frozenset(fixes))

    def ask(
        self,
        method: str,
        target: str,
        data: object = None,
        *,
        who: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The answer. who: the name in a good token; none if empty."""
        sent = dict(headers or {})
        if who:
            sent["authorization"] = f"Bearer {ISSUER.token(who, NOW_S)}"
        body = b"" if data is None else json.dumps(data).encode()
        return app.answer(self.desk, Request(method, target, sent, body))
