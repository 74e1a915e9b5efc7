"""Access tokens as our verifier and as PyJWT judge them, on a seeded corpus of mutations.

Whatever we accept, PyJWT accepts. What PyJWT accepts and we refuse is refused by a rule of the list
below, each with its reason.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.replay import drivers
from tests.replay.rows import Maker, Row
from tests.replay.rows_identity import GOOD_HEADER, bearer, claims
from tests.replay.tokens import ISSUER, Keys, b64, make_keys
from tests.replay.world import World, build

TOKENS = 4_000
SEED = 20_261_125
SKEW_S = 5
# Rules that PyJWT leaves to its caller, or reads more kindly.
STRICTER = {
    "identify.audience": "every audience must be one of ours, not any",
    "identify.binding": "a token bound to a key that was not proven is no bearer token",
    "identify.header-refused": "members that would change how the token is read",
    "identify.key-unknown": "no `kid` where several keys of the algorithm could fit",
    "identify.lifetime": "a token that outlives the configured longest life",
    "identify.token-malformed": "one spelling of each part: canonical base64url, no member twice",
    "identify.token-type": "an access token says that it is one (RFC 9068, RFC 8725)",
}

Mutation = Callable[[random.Random, dict[str, Any], dict[str, Any], int], None]


def set_header(name: str, *values: Any) -> Mutation:
    """A header member with one of these values; None takes it out."""

    def mutate(
        chance: random.Random, header: dict[str, Any], _body: dict[str, Any], _n: int
    ) -> None:
        put(header, name, chance.choice(values))

    return mutate


def set_claim(name: str, *values: Any) -> Mutation:
    """A claim with one of these values; a number is seconds from now."""

    def mutate(
        chance: random.Random, _header: dict[str, Any], body: dict[str, Any], now: int
    ) -> None:
        value = chance.choice(values)
        put(body, name, now + value if type(value) is int else value)

    return mutate


def put(members: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        members.pop(name, None)
    else:
        members[name] = value


MUTATIONS = (
    set_header("alg", "ES256", "RS256", "EdDSA", "HS256", "none", "ES384", "es256", 5),
    set_header("kid", "e1", "e2", "d1", "r1", "e9", None, 5),
    set_header("typ", "JWT", "at+jwt", "application/at+jwt", "id+jwt", "logout+jwt", None),
    set_header("crit", ["exp"], [], "exp"),
    set_header("b64", True, False),
    set_header("zip", "DEF"),
    set_header("jku", "https://evil.example"),
    set_claim("exp", 60, 3_000, -60, -3_600, 90_000, None, "soon", 1.5),
    set_claim("nbf", -60, 600, "later", None),
    set_claim("iat", -60, 600, -80_000, None, "then"),
    set_claim("iss", ISSUER, ISSUER + "/", "https://evil.example", None, ["x"]),
    set_claim("aud", "shop", "other", ["shop"], ["shop", "other"], [], None, "SHOP", {"a": 1}),
    set_claim("sub", "alice", "", None, ["a"]),
    set_claim("cnf", {"jkt": "a"}, {}),
    set_claim("token_use", "access", "id"),
)
SIGNERS = ("e1", "e1", "e1", "e2", "d1", "r1", "foreign", "hmac")


def made(keys: Keys, chance: random.Random, now_s: int) -> str:
    """One token: an honest one, changed in up to three places, perhaps with a bent text."""
    header, body = dict(GOOD_HEADER), claims(now_s)
    key = "e1"
    if chance.random() < 0.3:
        key, algorithm = chance.choice((("e2", "ES256"), ("d1", "EdDSA"), ("r1", "RS256")))
        header |= {"kid": key, "alg": algorithm}
    for mutate in chance.sample(MUTATIONS, chance.choice((0, 1, 1, 1, 2, 3))):
        mutate(chance, header, body, now_s)
    if chance.random() < 0.1:
        key = chance.choice(SIGNERS)
    token = keys.sign(header, body, key=key)
    return bent(token, keys, chance) if chance.random() < 0.25 else token


def bent(token: str, keys: Keys, chance: random.Random) -> str:
    """The token with its text changed."""
    head, body, tail = token.split(".")
    at = chance.randrange(len(token))
    twice = b'{"iss":"%s","iss":"%s","aud":"shop","exp":9999999999}' % (
        ISSUER.encode(), b"https://evil.example",
    )  # fmt: skip
    return chance.choice(
        (
            token[:at] + chance.choice("Aa0-_") + token[at + 1 :],
            token[:at] + token[at + 1 :],
            token + "=",
            token + ".",
            "." + token,
            f"{head}.{body}.",
            f"{head}.{body}",
            f"{head}..{tail}",
            f"{head}.{body}.{tail[:-1]}{chance.choice('ABCDwxyz')}",
            f"{head}=.{body}.{tail}",
            token.replace("-", "+").replace("_", "/"),
            keys.sign(GOOD_HEADER, twice),
            keys.sign(GOOD_HEADER, chance.choice((b"[]", b"null", b"{", b'"x"', b"\xff"))),
            f"{b64(b'{}')}.{body}.{tail}",
        )
    )


def by_pyjwt(token: str, keys: dict[str, jwt.PyJWK]) -> bool:
    """Whether PyJWT, used as its documentation says, takes the token with any key that may fit."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return False
    kid = header.get("kid")
    fitting = [one for one in keys.values() if kid in {None, one.key_id}]
    return any(verifies(token, key) for key in fitting)


def verifies(token: str, key: jwt.PyJWK) -> bool:
    try:
        jwt.decode(
            token,
            key,
            algorithms=["ES256", "EdDSA", "RS256"],
            audience="shop",
            issuer=ISSUER,
            leeway=SKEW_S,
            options={"require": ["exp", "iss", "aud"], "verify_sub": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return False
    return True


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("tokens"), make_keys())


def judged(world: World, now_s: int) -> Iterator[tuple[str, bool, str]]:
    """Token, what PyJWT says, and our code, empty where we accept."""
    chance = random.Random(SEED)
    loaded = {str(one.key_id): one for one in jwt.PyJWKSet.from_json(world.keys.jwks.decode()).keys}
    tokens = [made(world.keys, chance, now_s) for _ in range(TOKENS)]
    make = Maker(now_s * 1000)
    rows = [Row(f"{n}", make.request("GET", "/tokens", bearer(t))) for n, t in enumerate(tokens)]
    for token, (_, event, _) in zip(tokens, drivers.replay(world, rows, now_s * 1000), strict=True):
        codes = [one["code"] for one in event.get("reasons", ()) if one["stage"] == "identify"]
        yield token, by_pyjwt(token, loaded), codes[0] if codes else ""


def test_both_read_tokens_alike_but_for_the_rules_on_the_list(world: World) -> None:
    alike: Counter[bool] = Counter()
    stricter: Counter[str] = Counter()
    wrong = []
    for token, taken, code in judged(world, int(time.time())):
        if (code == "") == taken:
            alike[taken] += 1
        elif code in STRICTER:
            stricter[code] += 1
        else:
            wrong.append((code, taken, token))
    print(f"alike {dict(alike)}; stricter {dict(stricter)}")
    assert not wrong, "\n".join(map(str, wrong[:10]))
    assert min(alike[True], alike[False]) >= 500


def test_every_rule_on_the_list_is_needed(world: World) -> None:
    used = {code for _, taken, code in judged(world, int(time.time())) if taken and code}
    assert used == set(STRICTER)


def test_keys_of_the_corpus_are_read_by_both(world: World) -> None:
    told = json.loads(world.keys.jwks)["keys"]
    assert {one["kid"] for one in told} == {"e1", "e2", "d1", "r1"}
    assert Path(world.folder / "keys.json").read_bytes() == world.keys.jwks
