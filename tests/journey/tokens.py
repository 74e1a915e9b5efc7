"""An issuer of access tokens on loopback: keys, discovery, and how often it was asked."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

AUDIENCE = "journey-api"


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Key:
    """One ES256 key."""

    kid: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    def jwk(self) -> dict[str, str]:
        """The public half."""
        numbers = self.private.public_key().public_numbers()
        x, y = (encode(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "kid": self.kid, "alg": "ES256", "x": x, "y": y}

    def token(self, issuer: str, **claims: Any) -> str:
        """An access token of an hour."""
        now = int(time.time())
        usual = {"iss": issuer, "sub": "ann", "aud": AUDIENCE, "iat": now, "exp": now + 3600}
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid}
        signed = ".".join(encode(json.dumps(part).encode()) for part in (header, usual | claims))
        signature = self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        parts = decode_dss_signature(signature)
        return f"{signed}.{encode(b''.join(part.to_bytes(32, 'big') for part in parts))}"


def jwks(*keys: Key) -> bytes:
    """A JWK set."""
    return json.dumps({"keys": [key.jwk() for key in keys]}).encode()


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"authorization": f"Bearer {token}"}
