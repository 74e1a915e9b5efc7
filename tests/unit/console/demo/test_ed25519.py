from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bartizan.console.demo.ed25519 import public_key, sign, verify

SEEDS = [bytes([n]) * 32 for n in (0, 1, 200, 255)]


@pytest.mark.parametrize("seed", SEEDS)
def test_keys_and_signatures_are_those_of_an_independent_implementation(seed: bytes) -> None:
    theirs = Ed25519PrivateKey.from_private_bytes(seed)
    assert public_key(seed) == theirs.public_key().public_bytes_raw()
    assert sign(seed, b"a message") == theirs.sign(b"a message")
    Ed25519PublicKey.from_public_bytes(public_key(seed)).verify(sign(seed, b""), b"")


def test_own_signature_holds() -> None:
    verify(public_key(SEEDS[1]), b"a message", sign(SEEDS[1], b"a message"))


@pytest.mark.parametrize(
    ("message", "flip"), [(b"another", None), (b"a message", 0), (b"a message", 40)]
)
def test_changed_message_or_signature_does_not_hold(message: bytes, flip: int | None) -> None:
    signature = bytearray(sign(SEEDS[1], b"a message"))
    if flip is not None:
        signature[flip] ^= 1
    with pytest.raises(ValueError, match=r"hold|curve|range"):
        verify(public_key(SEEDS[1]), message, bytes(signature))


def test_wrong_lengths_do_not_hold() -> None:
    with pytest.raises(ValueError, match="length"):
        verify(b"", b"", b"")


def test_a_signature_out_of_range_does_not_hold() -> None:
    signature = sign(SEEDS[1], b"a message")[:32] + b"\xff" * 32
    with pytest.raises(ValueError, match="range"):
        verify(public_key(SEEDS[1]), b"a message", signature)
