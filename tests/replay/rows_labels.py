"""What documents say beside the standard: internal and partner operations, secret values.

What a row must come to is left to the oracle where it knows; shadow it does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.rows import (
    EVERYWHERE,
    ON_THE_WIRE,
    PASS,
    Maker,
    Row,
    found,
    noted,
    refused,
    response,
    shadowed,
)
from tests.replay.rows_identity import GOOD_HEADER, bearer, claims
from tests.replay.world import API_KEYS, World

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.7"
PREFLIGHT = (
    ("origin", "https://app.example.com"),
    ("access-control-request-method", "GET"),
)


def rows(make: Maker, world: World, now_s: int) -> Iterator[Row]:
    """Every row of `x-bartizan-exposure` and `x-bartizan-data-class`."""
    yield from _internal(make)
    yield from _partner(make, world, now_s)
    yield from _secrets(make)
    yield from _uncut(make)
    yield from _names(make)


def _internal(make: Maker) -> Iterator[Row]:
    for method, path in (
        ("GET", "/internal"), ("HEAD", "/internal"), ("POST", "/internal"),
        ("DELETE", "/mixed"), ("GET", "/mixed"), ("GET", "/mixed/own"),
    ):  # fmt: skip
        good = make.request(method, path, peer=INSIDE)
        yield Row(f"good internal: {method} {path}", good, PASS)
    yield Row("good internal: beside it", make.request("GET", "/mixed", peer=OUTSIDE), PASS)
    yield Row("good internal: template", make.request("GET", "/mixed/7", peer=OUTSIDE), PASS)
    for method, path in (
        ("GET", "/internal"), ("HEAD", "/internal"), ("POST", "/internal"),
        ("DELETE", "/mixed"), ("GET", "/mixed/own"), ("PUT", "/internal"), ("PATCH", "/mixed"),
        ("GET", "/internal/"), ("GET", "/%69nternal"),
    ):  # fmt: skip
        bad = make.request(method, path, peer=OUTSIDE)
        told = None
        if path == "/%69nternal":
            told = refused(404, found("match.internal", "target"))
        elif path == "/internal/":
            told = refused(404, found("match.unknown-path", "target"))
        yield Row(f"internal: {method} {path} from outside", bad, told)
    for name in ("x-forwarded-for", "x-real-ip", "forwarded"):
        bad = make.request("GET", "/internal", (name, INSIDE), peer=OUTSIDE)
        yield Row(f"internal: claimed by {name}", bad)
    hidden = make.request("OPTIONS", "/internal", *PREFLIGHT, peer=OUTSIDE)
    yield Row("internal: preflight", hidden, refused(404, found("match.internal", "target")))
    bad = make.request("GET", "/internal-shadowed", peer=OUTSIDE)
    told = shadowed(404, found("match.internal", "target", standing="shadow"))
    yield Row("internal: in shadow", bad, told)


def _partner(make: Maker, world: World, now_s: int) -> Iterator[Row]:
    token = bearer(world.keys.sign(GOOD_HEADER, claims(now_s)))
    key = ("x-api-key", API_KEYS["bare"][0])
    for name, field in (("token", token), ("key", key)):
        yield Row(f"good partner: {name}", make.request("GET", "/partner", field), PASS)
    yield Row("partner: nobody", make.request("GET", "/partner"))
    yield Row("partner: anonymous alternative", make.request("GET", "/partner-maybe"))
    yield Row("good partner: of two", make.request("GET", "/partner-maybe", token), PASS)
    bad = make.request("GET", "/partner", ("x-api-key", "no-such-key-0000000000000000"))
    yield Row("partner: unknown key", bad)


def _secrets(make: Maker) -> Iterator[Row]:
    plain = '{"id":1,"owner":{"name":"a"},"codes":[]}'
    for path in ("/vault", "/vault-open", "/vault-strict"):
        yield Row(f"good vault: {path}", make.request("GET", path, answer=response(200, plain)))
        for name, text in (
            ("field", '{"id":1,"key":"k"}'),
            ("null", '{"id":1,"key":null}'),
            ("below", '{"id":1,"owner":{"name":"a","pin":"1"}}'),
            ("items", '{"id":1,"codes":["a","b"]}'),
            ("both", '{"key":"k","id":1,"z":2,"codes":["a"]}'),
        ):
            row = make.request("GET", path, answer=response(200, text))
            yield Row(f"secret {name} at {path}", row)
        held = response(200, plain, ("x-session", "s"))
        yield Row(f"secret header at {path}", make.request("GET", path, answer=held))


def _uncut(make: Maker) -> Iterator[Row]:
    """Out of what is not JSON no secret can be taken: it goes as a whole, unless it is let out."""
    for path, standing in (("/uncut", "enforced"), ("/uncut-open", "excepted")):
        secret = found("shape.secret-field", "response-body", standing=standing)
        strange = found(
            "shape.content-type", "response-header", "content-type", standing="excepted"
        )
        for kind, text, told in (
            ("application/json", '{"ok":true}', PASS),
            ("text/html", "<p>hello</p>", PASS),
            ("text/plain", "", PASS),
            ("text/plain", "k", noted(secret)),
            ("text/plain; charset=utf-8", "k", noted(secret)),
            ("application/xml", "<key>k</key>", noted(secret)),
            ("application/x-ndjson", '{"key":"k"}\n', noted(secret)),
            ("application/octet-stream", "k", noted(strange, secret)),
        ):
            answer = response(200, text, ("content-type", kind), json=False)
            good = "good " if told is PASS else ""
            row = make.request("GET", path, answer=answer)
            # An app behind a mount tells no length: then only the end tells that a body is empty.
            mounts = EVERYWHERE if text else ON_THE_WIRE
            yield Row(f"{good}uncut {kind} {text[:1]} at {path}", row, told, mounts)
    answer = response(200, "k", ("content-type", "text/plain"), json=False)
    yield Row("good uncut: HEAD", make.request("HEAD", "/uncut", answer=answer), PASS)
    strange = found("shape.content-type", "response-header", "content-type", standing="excepted")
    told = noted(strange, found("shape.secret-field", "response-body"))
    yield Row(
        "secret in a type that nobody declared", make.request("GET", "/vault", answer=answer), told
    )


def _names(make: Maker) -> Iterator[Row]:
    """Names below what is personal stand in no record, unless the description gives them."""
    json = ("content-type", "application/json")
    for text, pointer in (
        ('{"people":{"ann@a.test":{"age":"x"}}}', "/people/*/age"),
        ('{"people":{"4915112345":5}}', "/people/*"),
        ('{"people":{"count":"x"}}', "/people/count"),
        ('{"places":{"ann@a.test":"x"}}', "/places/ann@a.test"),
    ):
        row = make.request("POST", "/contacts", json, body=text)
        told = refused(422, found("inspect.body-schema", "body", "", pointer))
        yield Row(f"inspect.body-schema: names {text}", row, told)
    for text in ('{"people":{"ann@a.test":{"age":5}}}', '{"me":{"age":5}}'):
        row = make.request("POST", "/contacts", json, body=text, answer=response(200, text))
        yield Row(f"good names {text}", row, PASS)
    row = make.request(
        "POST", "/contacts", json, body="{}", answer=response(200, '{"me":{"ann@a.test":5}}')
    )
    told = noted(found("shape.undeclared-field", "response-body", "", "/me/*"))
    yield Row("undeclared name below what is personal", row, told)
