"""Keys and access tokens of the corpus. Elliptic keys are fixed, the RSA key is a new one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://idp.corpus.example"
DARK = "https://dark.corpus.example"
Claims = dict[str, Any]


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int, size: int) -> str:
    return b64(value.to_bytes(size, "big"))


@dataclass(frozen=True)
class Keys:
    """The issuer's keys: `e1` and `e2` for ES256, `d1` for EdDSA, `r1` for RS256."""

    e1: ec.EllipticCurvePrivateKey
    e2: ec.EllipticCurvePrivateKey
    d1: ed25519.Ed25519PrivateKey
    r1: rsa.RSAPrivateKey
    foreign: ec.EllipticCurvePrivateKey

    @property
    def jwks(self) -> bytes:
        """The public half as a JWK set."""
        rs = self.r1.public_key().public_numbers()
        raw = self.d1.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        keys = [
            *(_ec_jwk(name, key) for name, key in (("e1", self.e1), ("e2", self.e2))),
            {"kty": "OKP", "crv": "Ed25519", "kid": "d1", "alg": "EdDSA", "x": b64(raw)},
            {"kty": "RSA", "kid": "r1", "alg": "RS256", "use": "sig",
             "n": _number(rs.n, 256), "e": _number(rs.e, 3)},
        ]  # fmt: skip
        return json.dumps({"keys": keys}).encode()

    def sign(self, header: Claims, claims: Claims | bytes, *, key: str = "e1") -> str:
        """A compact JWS; `key` signs, whatever the header says."""
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        text = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
        return f"{text}.{b64(self._signature(text.encode(), key))}"

    def _signature(self, data: bytes, key: str) -> bytes:
        if key == "d1":
            return self.d1.sign(data)
        if key == "r1":
            return self.r1.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if key == "hmac":
            return hmac.new(self.jwks, data, hashlib.sha256).digest()
        named = {"e1": self.e1, "e2": self.e2, "foreign": self.foreign}[key]
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(named.sign(data, algorithm))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _ec_jwk(kid: str, key: ec.EllipticCurvePrivateKey) -> Claims:
    point = key.public_key().public_numbers()
    return {
        "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256",
        "x": _number(point.x, 32), "y": _number(point.y, 32),
    }  # fmt: skip


def foreign_jwk(keys: Keys) -> Claims:
    """The public half of the attacker's key, as a header would smuggle it in."""
    return _ec_jwk("e1", keys.foreign)


def make_keys() -> Keys:
    """The keys of one run."""

    def curve(name: str) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1
        return ec.derive_private_key(number, ec.SECP256R1())

    return Keys(
        e1=curve("e1"),
        e2=curve("e2"),
        d1=ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"d1").digest()),
        r1=rsa.generate_private_key(65537, 2048),
        foreign=curve("foreign"),
    )
