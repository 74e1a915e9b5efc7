"""Rows of several APIs: which one a request is for, and that nothing of it holds for another.

What a row must come to is left to the oracle, but for limits, shadow, preflights and broken hosts.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.apis import BANK_ISSUER
from tests.replay.rows import (
    GATEWAY,
    ON_THE_WIRE,
    PASS,
    REPLAY,
    Maker,
    Row,
    found,
    refused,
    response,
    shadowed,
)
from tests.replay.rows_identity import GOOD_HEADER, bearer, claims
from tests.replay.tokens import Keys
from tests.replay.world import API_KEYS

BANK, ANY = "bank.example.com", "any.example.net"
HOSTS = (
    ANY, BANK, "BANK.example.com", "bank.example.com.", "bank.example.com:80",
    "bank.example.com:443", "bank.example.com:8443", "bank.example.org", "evil.bank.example.com",
    "bank.example.com.evil.net", "port.example.com", "port.example.com:8443",
    "port.example.com:8444", "[::1]",
)  # fmt: skip
PATHS = (
    "/items/7", "/shop/items/7", "/shop/admin/items/7", "/vip/items/7", "/plain/items/7",
    "/shop", "/shop/", "/shop/ping", "/shop/admin", "/shop/adminx", "/shop/admin/hidden",
    "/shopping/items/7", "/SHOP/items/7", "/vip", "/vipitems/7", "/plain", "/port", "/keyed", "/",
    "/free/a", "/free", "/shop/shop/ping",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
ITEM = '{"id":7}'
ORIGIN = ("origin", "https://app.example.com")


def rows(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    """Every row."""
    yield from _places(make)
    yield from _methods(make)
    yield from _disguised(make)
    yield from _callers(make, keys, now_s)
    yield from _answers(make, keys, now_s)
    yield from _preflights(make)
    yield from _limits(make)
    yield from _internal(make)
    yield from _shadow(make)


def _places(make: Maker) -> Iterator[Row]:
    for host in HOSTS:
        for path in PATHS:
            yield Row(f"{host}{path}", make.request("GET", path, host=host))
            if path in ("/items/7", "/vip/items/7"):
                asked = f"{path}?page=1&path=/shop/items/7"
                yield Row(f"{host}{asked}", make.request("GET", asked, host=host))


def _methods(make: Maker) -> Iterator[Row]:
    for host in (ANY, BANK):
        for path in ("/shop/items/7", "/vip/items/7", "/plain", "/items/7", "/nothing"):
            for method in METHODS:
                if (method, path, host) != ("DELETE", "/shop/items/7", ANY):
                    row = make.request(method, path, host=host)
                    yield Row(f"{method} {host}{path}", row)


def _disguised(make: Maker) -> Iterator[Row]:
    """A second spelling of a host or a path chooses no other API than the first."""
    bad = ("parse.bad-host", "header", "host")
    for host in (f"a@{BANK}", f"{BANK}:", f"{BANK} x", "bank_.example.com:x", f"{BANK}/vip"):
        row = make.request("GET", "/vip/items/7", host=host)
        told = refused(400, found(*bad))
        yield Row(f"parse.bad-host {host}", row, told, ON_THE_WIRE)
    for name in ("x-forwarded-host", "x-original-host", "forwarded"):
        field = (name, BANK if name != "forwarded" else f"host={BANK}")
        row = make.request("GET", "/vip/items/7", field, host=ANY)
        yield Row(f"host claimed by {name}", row)
    for name in ("x-original-url", "x-rewrite-url", "x-forwarded-prefix"):
        row = make.request("GET", "/items/7", (name, "/vip/items/7"), host=BANK)
        told = refused(400, found("parse.method-override", "header", name))
        yield Row(f"path claimed by {name}", row, None if "forwarded" in name else told)
    twice = make.request("GET", "/vip/items/7", ("host", BANK), host=ANY)
    told = refused(400, found("wire.duplicate-host", "connection"))
    yield Row("wire.duplicate-host", twice, told, frozenset({REPLAY, GATEWAY}))
    for path in ("/sh%6fp/ping", "/%73hop/ping"):
        yield Row(f"good decoded prefix {path}", make.request("GET", path, host=ANY), PASS)
    for path, code in (
        ("/plain/../vip/items/7", "parse.dot-segment"),
        ("/free%2fa", "parse.encoded-slash"), ("//vip/items/7", "parse.double-slash"),
    ):  # fmt: skip
        row = make.request("GET", path, host=BANK)
        yield Row(f"{code} {path}", row, refused(400, found(code, "target")))
    row = make.request("GET", "/vip/%2e%2e/plain", host=BANK)
    dots = (found("parse.encoded-dot", "target"),) * 2
    told = refused(400, *dots, found("parse.dot-segment", "target"))
    yield Row("parse.encoded-dot out of a prefix", row, told)


def _callers(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    """Who is believed by one API is a stranger to another, also once a token is known."""

    def token(**members: object) -> tuple[str, str]:
        return bearer(keys.sign(GOOD_HEADER, claims(now_s, **members)))

    callers = {
        "nobody": (),
        "shop token": (token(),),
        "bank token": (token(aud="bank"),),
        "token of both": (token(aud=["bank", "shop"]),),
        "token of neither": (token(aud="mill"),),
        "bank issuer": (token(iss=BANK_ISSUER, aud="bank"),),
        "bank issuer for the shop": (token(iss=BANK_ISSUER, aud="shop"),),
        "token without scope": (token(scope=""),),
        "key": (("x-api-key", API_KEYS["bare"][0]),),
        "wrong key": (("x-api-key", "no-such-key-0000000000000000"),),
    }
    for who, fields in callers.items():
        for host, path in (
            (ANY, "/shop/items/7"), (ANY, "/shop/admin/items/7"), (BANK, "/items/7"),
            (BANK, "/vip/items/7"), (BANK, "/keyed"), (ANY, "/plain/items/7"),
            ("port.example.com:8443", "/items/7"),
        ):  # fmt: skip
            yield Row(f"{who} at {host}{path}", make.request("GET", path, *fields, host=host))
        row = make.request("GET", "/items/7?page=1", *fields, host=BANK)
        yield Row(f"{who} asks for more at {BANK}/items/7", row)
        row = make.request("PUT", "/vip/items/7", *fields, host=BANK)
        yield Row(f"{who} puts at {BANK}/vip/items/7", row)


def _answers(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    """The contract of the API that was asked holds for its answer."""
    field = bearer(keys.sign(GOOD_HEADER, claims(now_s)))
    for host, path in ((ANY, "/shop/items/7"), (BANK, "/vip/items/7"), (ANY, "/plain/items/7")):
        for text in (ITEM, '{"ok":true}', '{"ok":"no"}', '{"name":5}'):
            row = make.request("GET", path, field, host=host, answer=response(200, text))
            yield Row(f"{host}{path} answers {text}", row)


def _preflights(make: Maker) -> Iterator[Row]:
    def asks(method: str) -> tuple[str, str]:
        return ("access-control-request-method", method)

    for host, path, method, told in (
        (ANY, "/shop/items/7", "GET", PASS),
        (BANK, "/vip/items/7", "PUT", PASS),
        (BANK, "/items/7", "PUT", refused(405, found("match.unknown-method", "target"))),
        (ANY, "/vip/items/7", "PUT", refused(404, found("match.unknown-path", "target"))),
        (BANK, "/shop/items/7", "GET", refused(404, found("match.unknown-path", "target"))),
    ):
        row = make.request("OPTIONS", path, ORIGIN, asks(method), host=host)
        yield Row(f"preflight of {method} at {host}{path}", row, told)


def _limits(make: Maker) -> Iterator[Row]:
    """The limit of one document counts all of it, and nothing else."""
    spent = refused(429, found("limit.rate", "connection"))
    for number, (path, told) in enumerate(
        (
            ("/free/a", PASS), ("/busy/a", PASS), ("/free/a", PASS), ("/busy/b", PASS),
            ("/busy/a", spent), ("/busy/b", spent), ("/free/a", PASS), ("/plain", PASS),
            ("/busy/none", refused(404, found("match.unknown-path", "target"))),
        )
    ):  # fmt: skip
        row = make.request("GET", path, host=ANY, peer="203.0.113.50")
        yield Row(f"limit {number} {path}", row, told, group="limit of an api")


def _internal(make: Maker) -> Iterator[Row]:
    for peer in ("10.1.2.3", "203.0.113.7"):
        row = make.request("GET", "/shop/admin/house", host=ANY, peer=peer)
        yield Row(f"internal of one api from {peer}", row)


def _shadow(make: Maker) -> Iterator[Row]:
    """Shadow of an operation of one API is none for its namesakes."""
    missing = found("identify.credential-missing", "header", "authorization", standing="shadow")
    row = make.request("DELETE", "/shop/items/7", host=ANY)
    yield Row("shadow of one api", row, shadowed(401, missing))
    row = make.request("DELETE", "/shop/items/7", host=BANK)
    yield Row("no shadow at another", row)
