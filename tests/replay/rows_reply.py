"""Responses of the API: undeclared fields, leaking errors, breaches of the contract."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.replay.rows import PASS, Expect, Maker, Row, found, noted, response

PLACE = "response-body"
TRACE = 'Traceback (most recent call last):\n  File "/srv/app/db.py", line 3, in q\nValueError: x'
SQL = 'sqlite3.OperationalError: near "SELEC": syntax error'


def rows(make: Maker) -> Iterator[Row]:
    """Every row of shape."""

    def row(name: str, path: str, answer: dict[str, object], told: Expect) -> Row:
        return Row(name, make.request("GET", path, answer=answer), told)

    def seen(code: str, pointer: str = "", standing: str = "enforced") -> Expect:
        return noted(found(code, PLACE, "", pointer, standing))

    good = '{"id":1,"name":"a","maker":{"country":"DE"},"parts":[{"sku":"a"}]}'
    count = ("x-count", "3")
    yield row("good reply", "/reply", response(200, good), PASS)
    yield row("good reply: strict", "/strict-reply", response(200, good, count), PASS)
    yield row(
        "good reply: gzip",
        "/reply",
        response(200, gzip.compress(good.encode(), mtime=0), ("content-encoding", "gzip")),
        PASS,
    )
    yield row("good reply: no body", "/reply", response(200, ""), PASS)
    yield row("good reply: quiet error", "/reply", response(500, '{"ok":false}'), PASS)
    undeclared = {
        "/hash": '{"id":1,"hash":"x"}', "/maker/salary": '{"id":1,"maker":{"salary":1}}',
        "/parts/1/cost": '{"id":1,"parts":[{"sku":"a"},{"sku":"b","cost":2}]}',
    }  # fmt: skip
    code = "shape.undeclared-field"
    for pointer, text in undeclared.items():
        yield row(f"{code} {pointer}", "/reply", response(200, text), seen(code, pointer))
        strict = response(200, text, count)
        yield row(f"{code} {pointer} refused", "/strict-reply", strict, seen(code, pointer))
        loose = seen(code, pointer, "excepted")
        yield row(f"{code} {pointer} passed", "/loose-reply", response(200, text), loose)
    two = noted(found(code, PLACE, "", "/a"), found(code, PLACE, "", "/b"))
    yield row(f"{code} twice", "/reply", response(200, '{"a":1,"id":1,"b":2}'), two)
    code = "shape.body-schema"
    for pointer, text in (
        ("/id", '{"id":"x"}'),
        ("", '{"name":"a"}'),
        ("/maker", '{"id":1,"maker":3}'),
    ):
        yield row(
            f"{code} {pointer or 'whole'} passed",
            "/reply",
            response(200, text),
            seen(code, pointer, "excepted"),
        )
        strict = response(200, text, count)
        yield row(
            f"{code} {pointer or 'whole'} refused", "/strict-reply", strict, seen(code, pointer)
        )
    code = "shape.body-unreadable"
    for name, text in (("cut", '{"id":1'), ("html", "<html>"), ("twice", '{"id":1,"id":2}')):
        yield row(f"{code} {name}", "/reply", response(200, text), seen(code))
    torn = response(200, b"\x1f\x8bnothing", ("content-encoding", "gzip"))
    yield row(f"{code} coding", "/reply", torn, seen(code))
    yield from _heads(make)
    yield from _errors(make)


def _heads(make: Maker) -> Iterator[Row]:
    good = '{"id":1}'
    count = ("x-count", "3")
    for path, standing in (("/strict-reply", "enforced"), ("/reply", "excepted")):

        def row(
            code: str,
            answer: dict[str, object],
            *told: tuple[str, str, str, str, str],
            path: str = path,
        ) -> Row:
            return Row(f"{code} at {path}", make.request("GET", path, answer=answer), noted(*told))

        status = found("shape.status", "status", standing=standing)
        yield row("shape.status", response(202, good, count), status)
        kind = found("shape.content-type", "response-header", "content-type", standing=standing)
        html = response(200, "hello", ("content-type", "text/html"), count, json=False)
        yield row("shape.content-type", html, kind)
        if path == "/strict-reply":
            absent = found("shape.header", "response-header", "x-count", standing=standing)
            yield row("shape.header: missing", response(200, good), absent)
            yield row("shape.header: text", response(200, good, ("x-count", "many")), absent)
    large = '{"id":1,"name":"' + "a" * 30_001 + '"}'
    told = noted(found("shape.too-large", PLACE))
    yield Row("shape.too-large", make.request("GET", "/reply", answer=response(200, large)), told)
    most = '{"id":1,"name":"' + "a" * 29_000 + '"}'
    yield Row("good reply: large", make.request("GET", "/reply", answer=response(200, most)), PASS)


def _errors(make: Maker) -> Iterator[Row]:
    told = noted(found("shape.error-scrubbed", PLACE))
    plain = ("content-type", "text/plain")
    missed = found("shape.content-type", "response-header", "content-type", standing="excepted")
    for name, text in (("trace", TRACE), ("sql", SQL)):
        row = make.request("GET", "/reply", answer=response(500, text, plain, json=False))
        both = noted(missed, found("shape.error-scrubbed", PLACE))
        yield Row(f"shape.error-scrubbed: {name}", row, both)
    inside = '{"ok":false,"detail":"sqlite3.OperationalError: no such column: x"}'
    row = make.request("GET", "/reply", answer=response(500, inside))
    told = noted(
        found("shape.undeclared-field", PLACE, "", "/detail"), found("shape.error-scrubbed", PLACE)
    )
    yield Row("shape.error-scrubbed: json", row, told)
    loose = make.request("GET", "/loose-reply", answer=response(500, TRACE, plain, json=False))
    status = found("shape.status", "status", standing="excepted")
    yield Row("good reply: scrubbing is off", loose, noted(status))
