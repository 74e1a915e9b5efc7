"""API keys: their text, and what issuing, rotating and revoking make of them. No clock, no chance.

Text: `btz_<kind>_<env>_<keyid>_<secret><crc>`. keyid: 48 bits in 9 Base62 digits; secret: 160
bits in 27; crc: CRC-32 of all before it in 6. The same form is read by
crates/core/src/identify/key_text.rs.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.model.credential import ApiKey, KeySecret
from bartizan.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {"svc": "a service", "usr": "a person", "agt": "an agent"}
ENVS = ("live", "test")
ENTROPY_BYTES = 26
LIFE_S = 90 * 86_400
"""A key lives no longer unless somebody writes down why."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_BYTES, _CRC_DIGITS = 6, 6
_FORM = re.compile(
    rb"btz_(?:svc|usr|agt)_(?:live|test)_([0-9A-Za-z]{9})_[0-9A-Za-z]{33}(?![0-9A-Za-z])"
)
TEXT_BYTES = 56
"""Length of every key."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new key shall be. expires_s: Unix seconds, None: never. operations: none = all."""

    owner: str
    kind: str
    env: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    expires_s: int | None
    waiver: str = ""
    operations: tuple[str, ...] = ()


def write(kind: str, env: str, entropy: bytes, key_id: str = "") -> tuple[str, Secret]:
    """Id and text of a key. entropy: ENTROPY_BYTES random bytes; key_id: kept by a rotation."""
    key_id = key_id or _base62(int.from_bytes(entropy[:_ID_BYTES], "big"), 9)
    secret = _base62(int.from_bytes(entropy[_ID_BYTES:], "big"), 27)
    body = f"btz_{kind}_{env}_{key_id}_{secret}"
    return key_id, Secret(body + _checksum(body.encode("ascii")))


def found_in(data: bytes) -> Iterator[tuple[int, str, Secret]]:
    """Offset, id and text of each key in `data`; only those whose checksum holds."""
    for found in _FORM.finditer(data):
        text = found[0]
        body, told = text[:-_CRC_DIGITS], text[-_CRC_DIGITS:]
        if _checksum(body) == told.decode("ascii"):
            yield found.start(), found[1].decode("ascii"), Secret(text.decode("ascii"))


def issue(wish: Wish, key_id: str, secret: KeySecret, now_s: int) -> ApiKey:
    """The key as it is kept."""
    return ApiKey(
        id=key_id,
        owner=wish.owner,
        kind=wish.kind,
        env=wish.env,
        scopes=wish.scopes,
        networks=wish.networks,
        operations=wish.operations,
        made_s=now_s,
        expires_s=wish.expires_s,
        waiver=wish.waiver,
        secrets=(secret,),
    )


def rotate(key: ApiKey, secret: KeySecret, now_s: int, grace_s: int) -> ApiKey:
    """The key with a new secret; older ones than the one before end.

    The one before lives on until nobody has used it for `grace_s`, so that no client is cut off
    which still needs it; 0: it ends now.
    """
    live = [one for one in key.secrets if one.is_live(now_s)]
    kept = tuple(replace(one, since_s=now_s, idle_s=grace_s) for one in live[-1:] if grace_s)
    return replace(key, secrets=(*kept, secret))


def drop_pepper(key: ApiKey, newest: str, now_s: int) -> ApiKey:
    """The key without the secrets whose digest is not under the pepper `newest`."""
    return replace(
        key,
        secrets=tuple(
            one if one.pepper == newest else replace(one, ends_s=min(now_s, one.ends_s or now_s))
            for one in key.secrets
        ),
    )


def revoke(key: ApiKey, now_s: int) -> ApiKey:
    """The key, refused from now on; one that was revoked before stays as it was."""
    return key if key.revoked_s is not None else replace(key, revoked_s=now_s)


def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


def _checksum(body: bytes) -> str:
    return _base62(zlib.crc32(body), _CRC_DIGITS)
