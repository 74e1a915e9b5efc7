"""Entries of the revocation log: which tokens an entry meets, and when it may be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.credential import Revocation, RevocationKind

LEEWAY_S = 60
"""On top of the clock skew of an issuer: an entry must not end a moment too early."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What of an issuer decides how long its tokens can live. Seconds."""

    id: str
    lifetime_max_s: int
    skew_s: int


def entry(
    kind: RevocationKind, issuer: Trusted, name: str, before_s: int, now_s: int
) -> Revocation:
    """An entry that lives until every token it meets has expired.

    name: `jti` or subject; before_s: tokens issued then or earlier. One token may have been issued
    a moment ago, so its entry lives for a whole life from now.
    """
    newest_s = now_s if kind == "token" else before_s
    until_s = newest_s + issuer.lifetime_max_s + issuer.skew_s + LEEWAY_S
    return Revocation(
        kind=kind,
        issuer=issuer.id,
        name=name,
        before_s=before_s,
        until_s=until_s,
        made_s=now_s,
    )
