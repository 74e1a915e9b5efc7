"""What documents say beside the standard: internal and partner operations, secret values.

What a row must come to is left to the oracle where it knows; shadow it does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.rows import PASS, Maker, Row, found, refused, response, shadowed
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
