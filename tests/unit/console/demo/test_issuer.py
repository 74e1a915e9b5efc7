from __future__ import annotations

import json

import pytest

from bartizan.console.demo.issuer import AUDIENCE, ISSUER, Issuer, claims, opened, unsigned

OURS, THEIRS = Issuer(b"\x01" * 32), Issuer(b"\x02" * 32)


def test_own_token_verifies_to_its_claims() -> None:
    assert OURS.verified(OURS.token("ann", 100)) == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ann",
        "iat": 100,
        "exp": 1000,
    }


@pytest.mark.parametrize(
    "token",
    [
        THEIRS.token("ann", 100),
        unsigned({"alg": "none"}, claims("ann", 100)) + ".",
        "",
        "a.b.c",
        unsigned({"alg": "EdDSA"}, {}).split(".")[0] + ".MTI.",
    ],
)
def test_any_other_token_does_not(token: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        OURS.verified(token)


def test_key_set_holds_the_public_key_only() -> None:
    (key,) = json.loads(OURS.key_set())["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")
    assert "d" not in key


def test_seed_is_not_shown() -> None:
    assert "x01" not in repr(OURS)


def test_opened_reads_without_verifying() -> None:
    header, body = opened(THEIRS.token("bob", 5))
    assert (header["typ"], body["sub"]) == ("at+jwt", "bob")
