"""An issuer made for one run: an RS256 key, its JWK set, and access tokens."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "https://issuer.bench.example"
AUDIENCE = "orders-api"
KEY_ID = "bench-1"


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Issuer:
    """One RSA key of 2048 bits, and what is made with it."""

    key: rsa.RSAPrivateKey

    @classmethod
    def fresh(cls) -> Issuer:
        """A new key."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def jwks(self) -> dict[str, Any]:
        """The public half as a JWK set."""
        numbers = self.key.public_key().public_numbers()
        whole = {"n": numbers.n, "e": numbers.e}
        parts = {
            name: encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
            for name, value in whole.items()
        }
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, **parts}
        return {"keys": [key]}

    def public_pem(self) -> bytes:
        """The public half as HAProxy reads it."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def access_token(self, now_s: int, *, subject: str = "user-1", ttl_s: int = 3600) -> str:
        """A token of about 800 bytes, as identity providers issue them."""
        header = {"alg": "RS256", "typ": "at+jwt", "kid": KEY_ID}
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "aud": AUDIENCE,
            "client_id": "bench-client",
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + ttl_s,
            "jti": "f7c2f0a0c6b84f1e9d6f3a52b9f1c0de",
            "scope": "orders:read orders:write profile",
            "tenant": "tenant-4711",
            "roles": ["customer", "buyer", "reviewer"],
        }
        signed = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encode(signature)}"


def spoilt(token: str) -> str:
    """The same token with one character of the signature changed."""
    head, _, signature = token.rpartition(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{head}.{signature[:middle]}{other}{signature[middle + 1 :]}"
