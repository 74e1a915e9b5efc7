"""Who asks, how often, and what they may: forged credentials beside honest ones."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.replay.rows import (
    ON_THE_WIRE,
    PASS,
    REPLAY_ONLY,
    Expect,
    Maker,
    Row,
    found,
    refused,
    shadowed,
)
from tests.replay.tokens import DARK, ISSUER, Keys, foreign_jwk
from tests.replay.world import API_KEYS, REVOKED_TOKEN, World, issued_key

AUTH = ("header", "authorization")
GOOD_HEADER = {"alg": "ES256", "kid": "e1", "typ": "at+jwt"}
STATUS = {"identify.credential-conflict": 400, "identify.credential-malformed": 400,
          "identify.keys-unavailable": 503, "authorize.operation": 403, "authorize.scope": 403}  # fmt: skip


def _told(code: str, name: str = "authorization", place: str = "header") -> Expect:
    return refused(STATUS.get(code, 401), found(code, place, name))


def claims(now_s: int, **members: Any) -> dict[str, Any]:
    """Claims of an honest access token; a member of None is left out."""
    base = {
        "iss": ISSUER, "aud": "shop", "sub": "alice", "iat": now_s - 60, "exp": now_s + 3000,
        "scope": "items:read items:write",
    }  # fmt: skip
    return {name: value for name, value in (base | members).items() if value is not None}


def bearer(token: str) -> tuple[str, str]:
    """The field of a token."""
    return ("authorization", f"Bearer {token}")


def rows(make: Maker, world: World, now_s: int) -> Iterator[Row]:
    """Every row of identify, limit and authorize."""
    yield from _good_tokens(make, world.keys, now_s)
    yield from _bad_tokens(make, world.keys, now_s)
    yield from _malformed(make, world.keys, now_s)
    yield from _api_keys(make)
    yield from _issued(make, world.keys, now_s)
    yield from _alternatives(make, world.keys, now_s)
    yield from _scopes(make, world.keys, now_s)
    yield from _cross_site(make)
    yield from _limits(make)
    yield from _presumed(make)


def _ask(make: Maker, token: str) -> dict[str, Any]:
    answer = {"status": 200, "fields": [["content-type", "application/json"]],
              "body": {"text": '{"name":"a","price":1}'}}  # fmt: skip
    return make.request("GET", "/items/1", bearer(token), answer=answer)


def _good_tokens(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    honest = claims(now_s)
    made = {
        "ES256": keys.sign(GOOD_HEADER, honest),
        "second key": keys.sign({"alg": "ES256", "kid": "e2", "typ": "at+jwt"}, honest, key="e2"),
        "EdDSA": keys.sign({"alg": "EdDSA", "kid": "d1", "typ": "JWT"}, honest, key="d1"),
        "RS256": keys.sign({"alg": "RS256", "kid": "r1", "typ": "JWT"}, honest, key="r1"),
        "EdDSA without kid": keys.sign({"alg": "EdDSA", "typ": "JWT"}, honest, key="d1"),
        "typ in full": keys.sign(GOOD_HEADER | {"typ": "application/at+jwt"}, honest),
        "just valid": keys.sign(GOOD_HEADER, claims(now_s, nbf=now_s - 1)),
        "within skew": keys.sign(GOOD_HEADER, claims(now_s, exp=now_s - 2)),
        "list of audiences": keys.sign(GOOD_HEADER, claims(now_s, aud=["shop"])),
        # RFC 7515 lets a header tell where a key is; it is never used.
        "jku never fetched": keys.sign(GOOD_HEADER | {"jku": "https://evil.example"}, honest),
        "scp": keys.sign(GOOD_HEADER, claims(now_s, scope=None, scp=["items:read"])),
    }
    for name, token in made.items():
        # Real clocks go on while a gateway is tested.
        mounts = REPLAY_ONLY if name == "within skew" else ON_THE_WIRE | {"asgi"}
        yield Row(f"good token: {name}", _ask(make, token), PASS, mounts)
        again = _ask(make, token)
        yield Row(f"good token again: {name}", again, PASS, mounts)


def _bad_tokens(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    def sign(**members: Any) -> str:
        return keys.sign(GOOD_HEADER, claims(now_s, **members))

    def headed(key: str = "e1", **members: Any) -> str:
        return keys.sign(GOOD_HEADER | members, claims(now_s), key=key)

    honest = sign()
    head, body, tail = honest.split(".")
    other = sign(sub="admin").split(".")[1]
    forged = {
        "identify.signature": [
            headed("foreign", jwk=foreign_jwk(keys)), headed("foreign", x5u="https://evil.example"),
            f"{head}.{other}.{tail}", headed("foreign"), headed("e2"),
            f"{head}.{body}.{'A' * 86}", keys.sign({"alg": "RS256", "kid": "r1"}, claims(now_s)),
        ],
        "identify.algorithm": [
            headed("hmac", alg="HS256"), headed(alg="none"), headed(alg="ES384"),
            headed("d1", alg="EdDSA"), headed(alg="es256"), headed(kid="r1"),
        ],
        "identify.expired": [sign(exp=now_s - 3600), sign(exp=now_s - 60), sign(exp=1)],
        "identify.not-yet-valid": [sign(nbf=now_s + 600)],
        "identify.issued-ahead": [sign(iat=now_s + 600)],
        "identify.lifetime": [sign(exp=now_s + 90_000), sign(exp=now_s + 8000, iat=None)],
        "identify.audience": [sign(aud="other"), sign(aud=["shop", "other"]), sign(aud=None), sign(aud=[])],
        "identify.token-type": [headed(typ="id+jwt"), keys.sign({"alg": "ES256", "kid": "e1"}, claims(now_s)), headed(typ="logout+jwt"), sign(token_use="id"), sign(typ="Refresh")],
        "identify.binding": [sign(cnf={"jkt": "a"}), sign(cnf={})],
        "identify.header-refused": [headed(crit=["exp"]), headed(b64=False), headed(zip="DEF"), headed(cty="JWT")],
        "identify.unknown-issuer": [sign(iss="https://evil.example"), sign(iss=ISSUER + "/")],
        "identify.keys-unavailable": [sign(iss=DARK)],
        "identify.key-unknown": [keys.sign({"alg": "ES256"}, claims(now_s)), headed(kid="e9"), headed(kid="../../dev/null")],
    }  # fmt: skip
    for code, tokens in forged.items():
        for number, token in enumerate(tokens):
            yield Row(f"{code} {number}", _ask(make, token), _told(code))


def _malformed(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    honest = keys.sign(GOOD_HEADER, claims(now_s))
    head, body, _ = honest.split(".")
    twice = f'{{"iss":"{ISSUER}","iss":"{ISSUER}","exp":{now_s + 60}}}'.encode()
    exact = {"parts": f"{head}.{body}", "unsigned": f"{head}.{body}.", "four": f"{honest}.a",
             "padded": f"{honest}=", "opaque": "opaqueCanaryToken0123456789abcdef",
             "twice": keys.sign(GOOD_HEADER, twice), "list": keys.sign(GOOD_HEADER, b"[1]"),
             "no exp": keys.sign(GOOD_HEADER, claims(now_s, exp=None)),
             "text exp": keys.sign(GOOD_HEADER, claims(now_s, exp=str(now_s + 60))),
             "NaN exp": keys.sign(GOOD_HEADER, json.dumps(claims(now_s, exp=float("nan"))).encode()),
             "no iss": keys.sign(GOOD_HEADER, claims(now_s, iss=None))}  # fmt: skip
    for name, token in exact.items():
        yield Row(
            f"identify.token-malformed: {name}",
            _ask(make, token),
            _told("identify.token-malformed"),
        )
    for value in ("Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer \xe9"):
        row = make.request("GET", "/items/1", ("authorization", value))
        yield Row(
            f"identify.credential-malformed {value!r}", row, _told("identify.credential-malformed")
        )
    empty = make.request("GET", "/mine", ("x-api-key", ""))
    yield Row(
        "identify.credential-malformed: empty key",
        empty,
        _told("identify.credential-malformed", "x-api-key"),
    )


def _api_keys(make: Maker) -> Iterator[Row]:
    names = ("reader", "bare", "old", "narrow")
    reader, bare, old, narrow = (API_KEYS[name][0] for name in names)
    item = {
        "status": 200,
        "fields": [["content-type", "application/json"]],
        "body": {"text": '{"name":"a","price":1}'},
    }
    for name, key in (("reader", reader), ("bare", bare), ("narrow", narrow)):
        row = make.request("GET", "/items/2", ("x-api-key", key), answer=item)
        yield Row(f"good key: {name}", row, PASS)
    for target in ("/scoped", "/mine"):
        row = make.request("GET", target, ("x-api-key", narrow))
        told = _told("authorize.operation", "x-api-key")
        yield Row(f"authorize.operation {target}: key of the config", row, told)
    for name, key in (
        ("guessed", "canaryGuess" + reader),
        ("cut", reader[:-1]),
        ("case", reader.upper()),
    ):
        row = make.request("GET", "/items/2", ("x-api-key", key))
        yield Row(
            f"identify.unknown-api-key: {name}", row, _told("identify.unknown-api-key", "x-api-key")
        )
    row = make.request("GET", "/items/2", ("x-api-key", old))
    yield Row("identify.expired: key", row, _told("identify.expired", "x-api-key"))
    twice = make.request("GET", "/items/2", ("x-api-key", reader), ("x-api-key", bare))
    yield Row(
        "identify.credential-conflict: two keys",
        twice,
        _told("identify.credential-conflict", "x-api-key"),
    )
    asked = make.request("GET", f"/by-query?api_key={reader}")
    yield Row("good key: in the query", asked, PASS)
    for target, code in ((f"/by-query?api_key={reader}&api_key={bare}", "identify.credential-conflict"),
                         ("/by-query", "identify.credential-missing"),
                         ("/by-query?api_key=canaryWrongKey12345678901", "identify.unknown-api-key")):  # fmt: skip
        yield Row(
            f"{code}: query key", make.request("GET", target), _told(code, "api_key", "query")
        )


def _issued(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    """Keys and revocations that stand beside the Policy."""
    item = _ask(make, "")["response"]

    def asked(name: str, target: str = "/items/3", **more: Any) -> dict[str, Any]:
        return make.request("GET", target, ("x-api-key", issued_key(name)), **more)

    for name in ("open", "near", "bound"):
        yield Row(f"good issued key: {name}", asked(name, answer=item), PASS)
    yield Row("good issued key: scoped", asked("open", "/scoped"), PASS)
    for name, code in (("revoked", "identify.revoked"), ("far", "identify.network")):
        yield Row(f"{code}: {name} key", asked(name), _told(code, "x-api-key"))
    for target in ("/scoped", "/mine"):
        told = _told("authorize.operation", "x-api-key")
        yield Row(f"authorize.operation {target}", asked("bound", target), told)
    forged = issued_key("open")[:-1] + ("0" if issued_key("open")[-1] != "0" else "1")
    row = make.request("GET", "/items/3", ("x-api-key", forged))
    yield Row(
        "identify.unknown-api-key: forged", row, _told("identify.unknown-api-key", "x-api-key")
    )
    taken = keys.sign(GOOD_HEADER, claims(now_s, jti=REVOKED_TOKEN))
    yield Row("identify.revoked: token", _ask(make, taken), _told("identify.revoked"))
    kept = keys.sign(GOOD_HEADER, claims(now_s, jti="another"))
    yield Row("good token: another jti", _ask(make, kept), PASS)


def _alternatives(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    token, key = bearer(keys.sign(GOOD_HEADER, claims(now_s))), ("x-api-key", API_KEYS["reader"][0])
    missing = _told("identify.credential-missing")
    for path in ("/items/1", "/both", "/scoped", "/admin", "/tokens"):
        yield Row(f"identify.credential-missing {path}", make.request("GET", path), missing)
    for value in ("Basic eA==", "Digest x", "Token y"):
        row = make.request("GET", "/items/1", ("authorization", value))
        yield Row(f"identify.credential-missing with {value}", row, missing)
    yield Row(
        "identify.credential-missing: session",
        make.request("GET", "/session", ("cookie", "other=1")),
        _told("identify.credential-missing", "sid", "cookie"),
    )
    yield Row(
        "good credential: session",
        make.request("GET", "/session", ("cookie", "sid=canarySessionCookie0123456789")),
        PASS,
    )
    yield Row(
        "good credential: basic",
        make.request("GET", "/admin", ("authorization", "Basic Y2FuYXJ5VXNlcjpjYW5hcnlQYXNz")),
        PASS,
    )
    yield Row(
        "identify.credential-conflict: session",
        make.request("GET", "/session", ("cookie", "sid=a; sid=b")),
        _told("identify.credential-conflict", "sid", "cookie"),
    )
    yield Row("good credential: both", make.request("GET", "/both", token, key), PASS)
    only = _told("identify.unsatisfied")
    yield Row("identify.unsatisfied: token alone", make.request("GET", "/both", token), only)
    yield Row("identify.unsatisfied: key alone", make.request("GET", "/both", key), only)
    yield Row("good credential: none", make.request("GET", "/maybe"), PASS)
    yield Row("good credential: optional", make.request("GET", "/maybe", token), PASS)
    bad = bearer(keys.sign(GOOD_HEADER, claims(now_s, exp=1)))
    yield Row(
        "identify.expired: an optional token is checked",
        make.request("GET", "/maybe", bad),
        _told("identify.expired"),
    )
    two = make.request("GET", "/tokens", token, ("x-token", token[1].removeprefix("Bearer ")))
    yield Row(
        "identify.credential-conflict: two tokens",
        two,
        refused(400, found("identify.credential-conflict", "connection")),
    )
    asked = make.request("GET", "/items/1?access_token=x", token)
    yield Row(
        "identify.credential-conflict: token in query too",
        asked,
        _told("identify.credential-conflict"),
    )
    shadow = make.request(
        "POST", "/shadowed/1", ("content-type", "application/json"), body='{"age":1}'
    )
    yield Row(
        "shadow: credential missing",
        shadow,
        shadowed(401, found("identify.credential-missing", *AUTH, standing="shadow")),
    )
    more = make.request(
        "POST", "/shadowed/x", ("content-type", "application/json"), body='{"age":"a"}'
    )
    told = shadowed(
        401, found("identify.credential-missing", *AUTH, standing="shadow"),
        found("inspect.parameter-schema", "path", "id", standing="shadow"),
        found("inspect.body-schema", "body", "", "/age", standing="shadow"),
    )  # fmt: skip
    yield Row("shadow: credential, parameter and body", more, told)
    good = make.request(
        "POST", "/shadowed/1", token, ("content-type", "application/json"), body='{"age":1}'
    )
    yield Row("good credential: beside shadow", good, PASS)
    json_type = ("content-type", "application/json")
    torn = make.request("POST", "/shadowed/1;x", token, json_type, body="{")
    told = shadowed(
        400, found("parse.semicolon", "target", standing="shadow"),
        found("inspect.parameter-schema", "path", "id", standing="shadow"),
        found("parse.bad-json", "body", standing="shadow"),
    )  # fmt: skip
    yield Row("shadow: content faults", torn, told)


def _scopes(make: Maker, keys: Keys, now_s: int) -> Iterator[Row]:
    def token(scope: str) -> tuple[str, str]:
        return bearer(keys.sign(GOOD_HEADER, claims(now_s, scope=scope)))

    lacks = refused(403, found("authorize.scope", *AUTH))
    yield Row("good scope: token", make.request("GET", "/scoped", token("items:read x")), PASS)
    yield Row(
        "good scope: key",
        make.request("GET", "/scoped", ("x-api-key", API_KEYS["reader"][0])),
        PASS,
    )
    for scope in ("", "items:write", "items:reader", "ITEMS:READ"):
        yield Row(f"authorize.scope {scope!r}", make.request("GET", "/scoped", token(scope)), lacks)
    row = make.request("GET", "/scoped", ("x-api-key", API_KEYS["bare"][0]))
    yield Row(
        "authorize.scope: key", row, refused(403, found("authorize.scope", "header", "x-api-key"))
    )
    item = '{"name":"a","price":1}'
    typed = ("content-type", "application/json")
    answer = {
        "status": 201,
        "fields": [["content-type", "application/json"]],
        "body": {"text": item},
    }
    good = make.request("POST", "/items", token("items:write"), typed, body=item, answer=answer)
    yield Row("good scope: write", good, PASS)
    yield Row(
        "authorize.scope: write",
        make.request("POST", "/items", token("items:read"), typed, body=item),
        lacks,
    )


def _limits(make: Maker) -> Iterator[Row]:
    typed = ("content-type", "application/json")
    login = '{"user":"a","password":"canaryPassword-9f3kd8"}'
    full = refused(429, found("limit.rate", "connection"))

    def post(peer: str = "198.51.100.9", after_ms: int = 0) -> dict[str, Any]:
        return make.request("POST", "/login", typed, body=login, peer=peer, after_ms=after_ms)

    for turn in range(3):
        yield Row(f"good limit: login {turn}", post(), PASS, group="login")
    for turn in range(2):
        yield Row(f"limit.rate: login {turn}", post(), full, group="login")
    yield Row("good limit: another address", post("198.51.100.10"), PASS, REPLAY_ONLY, "login")
    yield Row("limit.rate: too early", post(after_ms=19_000), full, REPLAY_ONLY, "login")
    yield Row("good limit: later", post(after_ms=21_000), PASS, REPLAY_ONLY, "login")
    yield Row("limit.rate: once later", post(after_ms=21_500), full, REPLAY_ONLY, "login")

    def mine(name: str) -> dict[str, Any]:
        return make.request("GET", "/mine", ("x-api-key", API_KEYS[name][0]))

    for turn in range(2):
        yield Row(f"good limit: mine {turn}", mine("reader"), PASS, group="mine")
    yield Row("limit.rate: mine", mine("reader"), full, group="mine")
    yield Row("good limit: mine of another", mine("bare"), PASS, group="mine")


def _presumed(make: Maker) -> Iterator[Row]:
    """A verified Principal as a fact in place of its secret."""
    known = {"kind": "token", "issuer": "main", "subject": "alice", "scopes": ["items:read"]}
    row = make.request("GET", "/scoped") | {"principal": known}
    yield Row("good principal: a fact", row, PASS, REPLAY_ONLY)
    lacks = make.request("GET", "/scoped") | {"principal": known | {"scopes": []}}
    told = refused(403, found("authorize.scope", *AUTH))
    yield Row("authorize.scope of a fact", lacks, told, REPLAY_ONLY)


def _cross_site(make: Maker) -> Iterator[Row]:
    sid = ("cookie", "sid=canarySessionCookie0123456789")
    for name, method, fields in (
        ("own page", "POST", [("origin", "https://api.example.com")]),
        ("own page, by the browser's word", "POST", [("sec-fetch-site", "same-origin")]),
        ("page of cors", "POST", [("origin", "https://app.example.com")]),
        ("typed in", "POST", [("sec-fetch-site", "none")]),
        ("no browser", "POST", []),
        ("only read", "GET", [("origin", "https://evil.example")]),
    ):
        row = make.request(method, "/session", sid, *fields)
        yield Row(f"good session: {name}", row, PASS)
    for name, field in (
        ("another site", ("origin", "https://evil.example")),
        ("nowhere", ("origin", "null")),
        ("own name, longer", ("origin", "https://api.example.com.evil.example")),
        ("own name, other port", ("origin", "https://api.example.com:8443")),
        ("by the browser's word", ("sec-fetch-site", "cross-site")),
        ("a neighbour", ("sec-fetch-site", "same-site")),
    ):
        yield Row(
            f"authorize.cross-site: {name}",
            make.request("POST", "/session", sid, field),
            refused(403, found("authorize.cross-site", "header", field[0])),
        )
