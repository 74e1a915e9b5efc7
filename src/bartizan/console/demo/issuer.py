"""The demo's own token issuer: one key made at run time, access tokens, and its key set."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.console.demo import ed25519

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER = "https://accounts.shop.example"
AUDIENCE = "shop"
KEY_ID = "demo"
LIFETIME_S = 900

Claims = dict[str, object]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs access tokens. seed: 32 random bytes, the private key."""

    seed: bytes = field(repr=False)

    def token(self, subject: str, now_s: int, **other: object) -> str:
        """A signed access token, valid from `now_s` for 15 minutes unless `other` says more."""
        return self.signed(claims(subject, now_s, **other))

    def signed(self, body: Mapping[str, object]) -> str:
        """A token with these claims."""
        text = unsigned({"alg": "EdDSA", "typ": "at+jwt", "kid": KEY_ID}, body)
        return f"{text}.{_text(ed25519.sign(self.seed, text.encode()))}"

    def key_set(self) -> str:
        """The public key as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KEY_ID}
        return json.dumps({"keys": [key | {"x": _text(ed25519.public_key(self.seed))}]})

    def verified(self, token: str) -> Claims:
        """The claims of a token that this issuer signed. Raises ValueError."""
        text, _, signature = token.rpartition(".")
        header, body = opened(token)
        if header.get("alg") != "EdDSA":
            raise ValueError("another algorithm")
        ed25519.verify(ed25519.public_key(self.seed), text.encode(), _bytes(signature))
        return body


def claims(subject: str, now_s: int, **other: object) -> Claims:
    """The claims of an access token of this issuer."""
    times = {"iat": now_s, "exp": now_s + LIFETIME_S}
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, **times, **other}


def unsigned(header: Mapping[str, object], body: Mapping[str, object]) -> str:
    """The first two parts of a token."""
    return ".".join(_text(json.dumps(part).encode()) for part in (header, body))


def opened(token: str) -> tuple[Claims, Claims]:
    """Header and claims of a token, nothing verified. Raises ValueError."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004, header, claims, signature
        raise ValueError("not a token")
    header, body = (json.loads(_bytes(part)) for part in parts[:2])
    if not isinstance(header, dict) or not isinstance(body, dict):
        raise ValueError("not a token")  # noqa: TRY004, one fault for all that is malformed
    return header, body


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
