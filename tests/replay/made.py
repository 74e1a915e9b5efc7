"""Rows made from a seed; what each must come to is left to the oracle."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.replay.rows import ASGI, ON_THE_WIRE, Maker, Row, response
from tests.replay.rows_identity import GOOD_HEADER, bearer, claims
from tests.replay.world import API_KEYS, World

JSON = ("content-type", "application/json")

# Pairs of the query of `GET /items`: good ones first, then broken ones.
GOOD_PAIRS = [
    "page=1", "page=1000", "sort=name", "tags=a&tags=b", "tags=", "ids=1,2,3", "ids=7",
    "pipes=1%7C2", "pipes=4", "words=a%20b", "filter[min]=1", "filter[min]=1&filter[max]=2",
    "x=1&y=2", "live=true", "live=false", "meta=%7B%22v%22%3A1%7D",
]  # fmt: skip
BAD_PAIRS = [
    "page=0", "page=1001", "page=a", "page=", "page=01", "page=1.5", "page=1&page=2", "sort=size",
    "tags=a&tags=b&tags=c&tags=d", "ids=1,x", "ids=", "pipes=1%7Cb", "words=a%20b%20c",
    "filter[min]=a", "filter[other]=1", "x=1", "x=1&y=z", "live=yes", "live=TRUE",
    "meta=%7B", "meta=%7B%22v%22%3A%22a%22%7D", "meta=[]", "debug=1", "admin=true", "pa%67e=0",
]  # fmt: skip
GOOD_FIELDS = [("x-trace", "0123abcd"), ("x-list", "1, 2,3"), ("cookie", "theme=dark")]
BAD_FIELDS = [
    ("x-trace", "0123ABCD"), ("x-trace", "short"), ("x-list", "1, b"), ("cookie", "theme=blue"),
]  # fmt: skip

GOOD_MEMBERS: list[Any] = [
    ("kind", "book"), ("tags", ["a", "b"]), ("tags", []), ("email", "a@b.example"),
    ("when", "2026-11-25"), ("ref", "123e4567-e89b-12d3-a456-426614174000"), ("stock", 10),
    ("stock", None), ("maker", {"country": "DE", "years": 5}), ("parts", [{"sku": "a-1"}]),
    ("parts", [{"sku": "a", "parts": [{"sku": "b", "count": 2}]}]), ("live", True),
    ("secret", "x"), ("name", "n" * 40), ("price", 0), ("price", 9999.99), ("stock", 5.0),
]  # fmt: skip
BAD_MEMBERS: list[Any] = [
    ("name", ""), ("name", "n" * 41), ("name", 3), ("name", None), ("price", -1),
    ("price", 10000), ("price", "1"), ("price", True), ("kind", "car"), ("tags", ["a", "a"]),
    ("tags", ["long-tag-name"]), ("tags", list("abcde")), ("tags", "a"), ("tags", [1, None]),
    ("email", "nope"), ("when", "2026-13-01"), ("when", "today"), ("ref", "abc"), ("stock", 7),
    ("stock", 1.5), ("stock", "10"), ("maker", {}), ("maker", {"country": "de"}),
    ("maker", {"country": "DE", "years": 0}), ("maker", []), ("parts", []), ("parts", [{}]),
    ("parts", [{"sku": "A B", "count": 0}]), ("parts", [{"sku": "a", "parts": [{"sk": 1}]}]),
    ("live", "true"), ("live", 1), ("id", 1), ("admin", True), ("role", "admin"), ("x/y~z", 1),
    ("__class__", {}),
]  # fmt: skip
BAD_MEMBERS.remove(("x/y~z", 1))


def rows(make: Maker, world: World, now_s: int, seed: int) -> Iterator[Row]:
    """Queries, paths, bodies, callers and responses."""
    chance = random.Random(seed)
    everywhere = ON_THE_WIRE | {ASGI}
    captures = [
        *_queries(make, chance), *_paths(make), *_bodies(make, chance),
        *_callers(make, world, now_s, chance), *_replies(make, chance),
    ]  # fmt: skip
    for number, (name, capture) in enumerate(captures):
        yield Row(f"made {number}: {name}", capture, None, everywhere)


Named = tuple[str, dict[str, Any]]


def _queries(make: Maker, chance: random.Random) -> Iterator[Named]:
    for pair in (*GOOD_PAIRS, *BAD_PAIRS):
        yield f"query {pair}", make.request("GET", f"/items?{pair}")
    for one in (*GOOD_FIELDS, *BAD_FIELDS):
        yield f"field {one}", make.request("GET", "/items", one)
    for _ in range(60):
        chosen: dict[str, str] = {}
        for pair in chance.sample(GOOD_PAIRS, 3) + chance.sample(
            BAD_PAIRS, chance.choice((0, 1, 2))
        ):
            chosen[pair.partition("=")[0].partition("[")[0].replace("pa%67e", "page")] = pair
        query = "&".join(chosen.values())
        fields = chance.choice(([], [chance.choice(GOOD_FIELDS)], [chance.choice(BAD_FIELDS)]))
        yield f"query {query} {fields}", make.request("GET", f"/items?{query}", *fields)


def _paths(make: Maker) -> Iterator[Named]:
    targets = [
        "/open/a/9", "/open/b/-3", "/open/c/1", "/open/a/10", "/open/a/x", "/open/c/x", "/open/a/1e0",
        "/label/.3", "/label/.x", "/label/3", "/many/1", "/many/1,2,3", "/many/1,2,3,4",
        "/many/1,a", "/needs", "/needs?q=ab", "/needs?q=a", "/open/a", "/items/x/y", "/twin/a",
        "/twin/%20", "/open/%61/2",
    ]  # fmt: skip
    for target in targets:
        yield f"path {target}", make.request("GET", target)
    for value in ("3", "x", "", "3, 4"):
        yield f"need {value!r}", make.request("GET", "/needs?q=abc", ("x-need", value))
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD"):
        answer = response(200, "") if method == "HEAD" else response(200, '{"ok":true}')
        yield f"method {method}", make.request(method, "/twin/a", answer=answer)


def _bodies(make: Maker, chance: random.Random) -> Iterator[Named]:
    created = response(201, '{"name":"a","price":1}')

    def post(item: Any) -> dict[str, Any]:
        return make.request("POST", "/open-items", JSON, body=json.dumps(item), answer=created)

    base = {"name": "a", "price": 1}
    for name, value in (*GOOD_MEMBERS, *BAD_MEMBERS):
        yield f"body {name}={json.dumps(value)[:30]}", post(base | {name: value})
    for whole in ({}, [], None, 3, "a", {"name": "a"}, {"price": 1}, [base]):
        yield f"body {json.dumps(whole)}", post(whole)
    for _ in range(60):
        members = dict(
            chance.sample(GOOD_MEMBERS, 4) + chance.sample(BAD_MEMBERS, chance.choice((0, 0, 1, 3)))
        )
        item = base | members
        if chance.random() < 0.1:
            del item[chance.choice(("name", "price"))]
        yield f"body {sorted(members)}", post(item)


def _callers(make: Maker, world: World, now_s: int, chance: random.Random) -> Iterator[Named]:
    sign = world.keys.sign
    tokens = {
        "good": sign(GOOD_HEADER, claims(now_s)), "no scope": sign(GOOD_HEADER, claims(now_s, scope="")),
        "expired": sign(GOOD_HEADER, claims(now_s, exp=now_s - 500)),
        "foreign": sign(GOOD_HEADER, claims(now_s), key="foreign"),
        "audience": sign(GOOD_HEADER, claims(now_s, aud="x")), "torn": "a.b",
    }  # fmt: skip
    keys = {
        "reader": API_KEYS["reader"][0],
        "bare": API_KEYS["bare"][0],
        "wrong": "canaryWrongKey0000",
    }
    item = response(200, '{"name":"a","price":1}')
    for path in ("/items/3", "/scoped", "/both", "/maybe", "/tokens", "/ping", "/admin"):
        for _ in range(9):
            token, key = chance.choice([None, *tokens]), chance.choice([None, *keys])
            fields = [bearer(tokens[token])] if token else []
            fields += [("x-api-key", keys[key])] if key else []
            answer = item if path == "/items/3" else response(200, '{"ok":true}')
            yield f"caller {path} {token} {key}", make.request("GET", path, *fields, answer=answer)


def _replies(make: Maker, chance: random.Random) -> Iterator[Named]:
    members = [
        ("name", "a"), ("name", 3), ("maker", {"country": "DE"}), ("maker", {"country": 1, "vat": "x"}),
        ("parts", [{"sku": "a", "cost": 1}, {"sku": 2}]), ("hash", "x"), ("debug", {"sql": "x"}),
        ("id", 2), ("id", "x"),
    ]  # fmt: skip
    for number in range(40):
        body = dict([("id", 1), *chance.sample(members, chance.choice((1, 2, 3)))])
        path = ("/reply", "/loose-reply")[number % 2]
        status = 200 if chance.random() < 0.9 else 203
        yield (
            f"reply {path} {sorted(body)}",
            make.request("GET", path, answer=response(status, json.dumps(body))),
        )
