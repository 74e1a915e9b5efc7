"""Content faults of head and body, undeclared routes, CORS: each beside its good twin."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from tests.replay.rows import (
    OK_RESPONSE,
    ON_THE_WIRE,
    PASS,
    REPLAY_ONLY,
    Expect,
    Maker,
    Row,
    found,
    noted,
    refused,
)

JSON = ("content-type", "application/json")
FORM = ("content-type", "application/x-www-form-urlencoded")

# Target, code, further reasons of the same head.
TARGETS = [
    ("/open//a/1", "parse.double-slash"), ("//ping", "parse.double-slash"),
    ("/open/../ping", "parse.dot-segment"), ("/./ping", "parse.dot-segment"),
    ("/ping/..", "parse.dot-segment"),
    ("/open/a%2fb/1", "parse.encoded-slash"), ("/open/a%2Fb/1", "parse.encoded-slash"),
    ("/open/a%5cb/1", "parse.encoded-backslash"), ("/open/a%2e/1", "parse.encoded-dot"),
    ("/open/a%00/1", "parse.encoded-nul"), ("/open/a%0d%0a/1", "parse.encoded-nul"),
    ("/open/a%25/1", "parse.encoded-percent"), ("/open/a%252fb/1", "parse.encoded-percent"),
    ("/open/a;v=1/1", "parse.semicolon"), ("/ping;x", "parse.semicolon"),
    ("/open/a%zz/1", "parse.bad-percent"), ("/open/a%/1", "parse.bad-percent"),
    ("/ping#top", "parse.fragment"), ("ping", "parse.bad-target"),
    ("/open/a|b/1", "parse.bad-target"), ("/open/{b/1", "parse.bad-target"),
    ("/ping?a=<b>", "parse.bad-query"), ('/ping?a="', "parse.bad-query"),
]  # fmt: skip
GOOD_TARGETS = [
    "/ping", "/ping?a=1&b=%20x&c[]=1;2", "/ping?", "/ping?a", "/ping?=&&", "/ping?a=b=c",
    "/open/a/1", "/open/%61/1", "/open/b/9?x=%2F%25", "/ping?q=%C3%A9+%F0%9F%98%80",
    "/ping?ids=1|2&q={a}^`b\\c",
]  # fmt: skip
QUERIES = [
    ("/ping?a=%zz", "parse.bad-percent", "a"), ("/ping?a%=1", "parse.bad-percent", "a%"),
    ("/ping?a=%ff", "parse.bad-utf8", "a"), ("/ping?a=%c0%af", "parse.bad-utf8", "a"),
    ("/ping?a=%ed%a0%80", "parse.bad-utf8", "a"), ("/ping?a=x%00", "parse.encoded-nul", "a"),
]  # fmt: skip
FIELDS = [
    ("x_real_name", "v", "parse.underscore-field", "x_real_name"),
    ("X_Api-Key", "v", "parse.underscore-field", "x_api-key"),
    ("X-HTTP-Method-Override", "DELETE", "parse.method-override", "x-http-method-override"),
    ("X-Original-URL", "/admin", "parse.method-override", "x-original-url"),
    ("x-rewrite-url", "/admin", "parse.method-override", "x-rewrite-url"),
    ("x-http-method", "PUT", "parse.method-override", "x-http-method"),
    ("Connection", "X-Forwarded-For", "parse.connection-names", "connection"),
    ("Connection", "close, authorization", "parse.connection-names", "connection"),
    ("Connection", "x-bartizan-principal", "parse.connection-names", "connection"),
    ("Cookie", "a=1; \x01b=2", "parse.bad-cookie", "cookie"),
    ("Cookie", "naked", "parse.bad-cookie", "cookie"),
    ("Cookie", 'a="b', "parse.bad-cookie", "cookie"),
    ("Cookie", "a=\xff", "parse.bad-cookie", "cookie"),
    ("Cookie", "; ".join(f"c{n}=1" for n in range(65)), "parse.cookie-limit", "cookie"),
    ("Content-Type", "json", "parse.bad-content-type", "content-type"),
    ("Content-Type", "application/json; charset", "parse.bad-content-type", "content-type"),
    ("Content-Type", "application/json, text/html", "parse.bad-content-type", "content-type"),
    ("Content-Type", "multipart/form-data", "parse.bad-content-type", "content-type"),
    ("Content-Type", "application/json; charset=utf-7", "parse.unsupported-charset", "content-type"),
    ("Content-Type", "text/html; charset=ibm037", "parse.unsupported-charset", "content-type"),
    ("Content-Encoding", "compress", "parse.unsupported-coding", "content-encoding"),
    ("Content-Encoding", "gzip, gzip", "parse.unsupported-coding", "content-encoding"),
]  # fmt: skip
GOOD_FIELDS = [
    ("X-Real-Name", "v"), ("Connection", "close"), ("Connection", "keep-alive, x-own"),
    ("Cookie", 'a=1; b="2"; c=; d=e=f'), ("Content-Type", "application/json; charset=UTF-8"),
    ("Content-Encoding", "identity"), ("Accept", "*/*"), ("X-Forwarded-For", "10.0.0.1"),
    ("Cookie", "; ".join(f"c{n}=1" for n in range(64))), ("Referer", "https://x.example/?q=%zz"),
    ("X-Bartizan-Principal", "admin"), ("Expect", "100-continue"),
]  # fmt: skip
SINGLES = ["Authorization", "Content-Type", "Origin", "Range", "Referer", "User-Agent", "DPoP"]
HOSTS = [
    "user@api.example.com", "api.example.com:", "api.example.com:99999", "a b", "a,b", "a..b",
    "[::1", "a/b", "api.example.com:80:80", "%61pi.example.com",
]  # fmt: skip

STATUS = {
    "parse.cookie-limit": 431, "parse.unsupported-charset": 415, "parse.unsupported-coding": 415,
    "parse.body-too-large": 413, "parse.decoded-too-large": 413,
}  # fmt: skip


def _told(code: str, place: str, name: str = "", pointer: str = "") -> Expect:
    return refused(STATUS.get(code, 400), found(code, place, name, pointer))


def rows(make: Maker) -> Iterator[Row]:
    """Every row of parse and match."""
    yield from _targets(make)
    yield from _fields(make)
    yield from _hosts(make)
    yield from _routes(make)
    yield from _preflights(make)
    yield from _coded(make)


def _targets(make: Maker) -> Iterator[Row]:
    for target in GOOD_TARGETS:
        yield Row(f"good target {target}", make.request("GET", target), PASS)
    for target, code in TARGETS:
        mounts = REPLAY_ONLY if not target.startswith("/") or "#" in target else ON_THE_WIRE
        told = _told(code, "target")
        if target.count("%0d"):
            told = refused(400, *[found(code, "target")] * 2)
        yield Row(f"{code} {target}", make.request("GET", target), told, mounts | {"asgi"})
    for target, code, name in QUERIES:
        yield Row(f"{code} {target}", make.request("GET", target), _told(code, "query", name))
    many = "/ping?" + "&".join(f"a{n}=1" for n in range(257))
    yield Row("parse.query-limit", make.request("GET", many), _told("parse.query-limit", "target"))
    most = "/ping?" + "&".join(f"a{n}=1" for n in range(256))
    yield Row("good target: most pairs", make.request("GET", most), PASS)
    for target in ("/ping?a=\xe9", "/\xe9"):
        told = refused(400, found("wire.bad-request-line", "connection"))
        yield Row(f"wire.bad-request-line {target}", make.request("GET", target), told)
    bad = make.request("GET", "/open/%ff/1")
    yield Row("parse.bad-utf8 in the path", bad, _told("parse.bad-utf8", "target"))
    both = make.request("GET", "//ping;x?a=%zz", ("x_a", "1"))
    told = refused(
        400, found("parse.double-slash", "target"), found("parse.semicolon", "target"),
        found("parse.bad-percent", "query", "a"), found("parse.underscore-field", "header", "x_a"),
    )  # fmt: skip
    yield Row("four content faults in their order", both, told)
    for name in ("a%2fb", "a;b", "100%25"):
        good = make.request("GET", f"/relaxed/{name}", ("x_a", "1"))
        yield Row(f"good target: relaxed {name}", good, PASS)
    still = make.request("GET", "/relaxed/a%5cb")
    yield Row(
        "parse.encoded-backslash beside relaxed rules",
        still,
        _told("parse.encoded-backslash", "target"),
    )


def _fields(make: Maker) -> Iterator[Row]:
    for name, value in GOOD_FIELDS:
        yield Row(
            f"good field {name}: {value[:30]}", make.request("GET", "/ping", (name, value)), PASS
        )
    for name, value, code, where in FIELDS:
        row = make.request("GET", "/ping", (name, value))
        # A control character in a value is a fault of framing already.
        told = _told(code, "header", where)
        if "\x01" in value:
            told = refused(400, found("wire.bad-field", "connection"))
        yield Row(f"{code} {name}: {value[:40]!r}", row, told)
    for name in SINGLES:
        value = "application/json" if name == "Content-Type" else "Basic eA=="
        row = make.request("GET", "/ping", (name, value), (name, value))
        told = _told("parse.duplicate-singleton", "header", name.lower())
        yield Row(f"parse.duplicate-singleton {name}", row, told)
    twice = make.request(
        "GET", "/ping", ("accept", "a/b"), ("accept", "c/d"), ("cookie", "a=1"), ("cookie", "b=2")
    )
    yield Row("good field: lists and cookies twice", twice, PASS)


def _hosts(make: Maker) -> Iterator[Row]:
    for host in HOSTS:
        row = make.request("GET", "/ping", host=host)
        yield Row(f"parse.bad-host {host}", row, _told("parse.bad-host", "header", "host"))
    for host in ("localhost:8080", "127.0.0.1", "[::1]:80", "API.example.com.", "my_service"):
        yield Row(f"good host {host}", make.request("GET", "/ping", host=host), PASS)
    far = make.request("GET", "http://other.example.com/ping")
    yield Row(
        "parse.foreign-authority", far, _told("parse.foreign-authority", "target"), ON_THE_WIRE
    )
    near = make.request("GET", "http://api.example.com:80/ping")
    yield Row("good host: absolute form with its port", near, PASS, ON_THE_WIRE)


def _routes(make: Maker) -> Iterator[Row]:
    for path in ("/debug", "/items/1/x", "/.env", "/Ping", "/ping/", "/internal/metrics", "/"):
        told = refused(404, found("match.unknown-path", "target"))
        mounts = ON_THE_WIRE | {"asgi"}
        yield Row(f"match.unknown-path {path}", make.request("GET", path), told, mounts)
    for method, path in (
        ("POST", "/ping"),
        ("DELETE", "/items"),
        ("PATCH", "/items/1"),
        ("PURGE", "/ping"),
    ):
        told = refused(405, found("match.unknown-method", "target"))
        yield Row(f"match.unknown-method {method} {path}", make.request(method, path), told)
    yield Row(
        "good route: HEAD of a GET",
        make.request(
            "HEAD",
            "/ping",
            answer={
                "status": 200,
                "fields": [["content-type", "application/json"]],
                "body": "none",
            },
        ),
        PASS,
    )
    yield Row("good route: DELETE", make.request("DELETE", "/ping"), PASS)
    held = found("match.unknown-path", "target", standing="excepted")
    for path in ("/legacy", "/legacy/", "/legacy/x", "/legacy/a/b"):
        yield Row(f"excepted route {path}", make.request("GET", path), noted(held))
    told = refused(404, found("match.unknown-path", "target"))
    for method, path in (("POST", "/legacy/a"), ("GET", "/legacyx")):
        row = make.request(method, path)
        yield Row(f"match.unknown-path beside an exception: {method} {path}", row, told)
    dark = refused(503, found("match.unrepresentable", "target"))
    yield Row("match.unrepresentable", make.request("GET", "/dark/x"), dark)
    yield Row("good route: twins of two methods", make.request("POST", "/twin/x"), PASS)


def _preflights(make: Maker) -> Iterator[Row]:
    asks = ("access-control-request-method", "POST")
    for origin in ("https://app.example.com", "https://evil.example.com"):
        row = make.request("OPTIONS", "/items", ("origin", origin), asks)
        yield Row(f"good preflight from {origin}", row, PASS)
    other = ("access-control-request-method", "PATCH")
    row = make.request("OPTIONS", "/items", ("origin", "https://app.example.com"), other)
    told = refused(405, found("match.unknown-method", "target"))
    yield Row("match.unknown-method of a preflight", row, told)
    bare = make.request("OPTIONS", "/items")
    yield Row("match.unknown-method OPTIONS without a preflight", bare, told)


def _coded(make: Maker) -> Iterator[Row]:
    """Content codings of request bodies."""
    text = b'{"age":3}'

    def post(body: bytes, coding: str) -> dict[str, object]:
        return make.request("POST", "/maybe-body", JSON, ("content-encoding", coding), body=body)

    for coding, body in (("gzip", gzip.compress(text, mtime=0)), ("deflate", zlib.compress(text))):
        yield Row(f"good body in {coding}", post(body, coding), PASS)
        told = _told("parse.bad-coding", "header", "content-encoding")
        yield Row(f"parse.bad-coding: cut {coding}", post(body[:-5], coding), told)
        yield Row(f"parse.bad-coding: no {coding}", post(text, coding), told)
    bomb = gzip.compress(b" " * 200_000, mtime=0)
    told = _told("parse.decoded-too-large", "header", "content-encoding")
    yield Row("parse.decoded-too-large: a bomb", post(bomb, "gzip"), told)
    more = gzip.compress(b'{"age":3}' + b" " * 30_000, mtime=0)
    yield Row("parse.decoded-too-large: over its cap", post(more, "gzip"), told)
    large = make.request("POST", "/maybe-body", JSON, body=" " * 20_001)
    yield Row("parse.body-too-large", large, _told("parse.body-too-large", "body"))
    largest = make.request("POST", "/maybe-body", JSON, body='{"age":3}' + " " * 19_991)
    yield Row("good body: largest", largest, PASS)
    over = make.request("POST", "/note", ("content-type", "text/plain"), body="a" * 101)
    yield Row("parse.body-too-large of one operation", over, _told("parse.body-too-large", "body"))
    blob = make.request(
        "PUT", "/blob", ("content-type", "application/octet-stream"), body=b"\0" * 1001
    )
    yield Row("parse.body-too-large of a stream", blob, _told("parse.body-too-large", "body"))
    fits = make.request(
        "PUT", "/blob", ("content-type", "application/octet-stream"), body=b"\0" * 1000
    )
    yield Row("good body: stream", fits, PASS)
    lost = make.request("GET", "/ping", answer=None)
    yield Row("upstream.connect", lost, noted(found("upstream.connect", "connection")), REPLAY_ONLY)
    broken = OK_RESPONSE | {"fields": [["x y", "1"]]}
    told = noted(found("upstream.bad-response", "connection"))
    yield Row(
        "upstream.bad-response", make.request("GET", "/ping", answer=broken), told, REPLAY_ONLY
    )
