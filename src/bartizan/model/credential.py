"""What identity gives out and takes back: API keys, and entries of the revocation log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RevocationKind = Literal["issuer", "subject", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """One secret of an API key, by its keyed hash. Times in Unix seconds; None: never.

    ends_s: the end of a rotation; used_s: last use, within ten seconds or so.
    """

    digest: str
    made_s: int
    ends_s: int | None = None
    used_s: int | None = None

    def is_live(self, now_s: int) -> bool:
        """Whether it opens anything at `now_s`, as far as the secret goes."""
        return self.ends_s is None or now_s < self.ends_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One issued API key: all but its text. Times in Unix seconds; None: never.

    waiver: why it lives longer than keys usually may; empty where it does not.
    """

    id: str
    owner: str
    kind: str
    env: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    made_s: int
    expires_s: int | None
    waiver: str = ""
    revoked_s: int | None = None
    secrets: tuple[KeySecret, ...]

    def state(self, now_s: int) -> str:
        """`revoked`, `expired`, `rotating` (two secrets live) or `live`."""
        if self.revoked_s is not None:
            return "revoked"
        live = [one for one in self.secrets if one.is_live(now_s)]
        if not live or (self.expires_s is not None and now_s >= self.expires_s):
            return "expired"
        return "rotating" if len(live) > 1 else "live"

    @property
    def used_s(self) -> int | None:
        """Last use of any of its secrets."""
        return max((one.used_s for one in self.secrets if one.used_s is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """One entry of the ordered log. Tokens of `issuer` (id of its entry in the config).

    name: the `jti` or the subject; empty for a whole issuer. before_s: tokens issued then or
    earlier (not for one token). until_s: when they have all expired anyway. position: in the log,
    from 1; 0 = not kept yet.
    """

    kind: RevocationKind
    issuer: str
    name: str
    before_s: int
    until_s: int
    made_s: int
    position: int = 0
