"""Revoked tokens are refused within a second by a running gateway; other tokens pass."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.journey.api import Api, until
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan, explained
from tests.journey.test_identity import believe, guarded, read
from tests.journey.tokens import Key, jwks

ISSUER = "https://idp.example.com"
WITHIN_S = 1.0


@pytest.fixture(scope="module")
def shop() -> Iterator[Api]:
    api = Api(openapi=guarded())
    yield api
    api.close()


@pytest.fixture(scope="module")
def trusted() -> Key:
    return Key("trusted")


@pytest.fixture(scope="module")
def guard(
    up: GuardMaker, shop: Api, trusted: Key, tmp_path_factory: pytest.TempPathFactory
) -> Guard:
    keys = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys.write_bytes(jwks(trusted))
    guard = up(shop, auth=believe(ISSUER, jwks=str(keys)))
    until(lambda: read(guard, trusted.token(ISSUER)).status == 200 or None, what="the keys")
    return guard


def revoke(guard: Guard, *words: str) -> None:
    ended = bartizan(guard.folder, "revoke", *words, "--yes")
    assert ended.returncode == 0, ended.stderr


def seconds_until_refused(guard: Guard, token: str) -> float:
    start = time.monotonic()
    until(lambda: read(guard, token).status == 401 or None, what="the revocation")
    return time.monotonic() - start


def test_one_token_and_then_a_subject_are_refused(guard: Guard, trusted: Key) -> None:
    first, second = (trusted.token(ISSUER, jti=name) for name in ("t1", "t2"))
    bob = trusted.token(ISSUER, sub="bob")
    assert [read(guard, one).status for one in (first, second, bob)] == [200, 200, 200]
    revoke(guard, "token", "t1")
    took = [seconds_until_refused(guard, first)]
    assert [read(guard, one).status for one in (second, bob)] == [200, 200]
    revoke(guard, "subject", "ann")
    took.append(seconds_until_refused(guard, second))
    assert read(guard, bob).status == 200
    print("refused after the command ended, s:", took)
    assert max(took) < WITHIN_S
    guard.stop()
    guard.start()
    until(lambda: read(guard, bob).status == 200 or None, what="the keys")
    assert [read(guard, one).status for one in (first, second)] == [401, 401]


def test_the_audience_of_a_good_token_can_be_accepted(guard: Guard, trusted: Key) -> None:
    refused = read(guard, trusted.token(ISSUER, sub="bob", aud="other-api"))
    assert refused.status == 401
    told = str(explained(guard.folder, refused.ref))
    assert "accept tokens for the audience `other-api`" in told
