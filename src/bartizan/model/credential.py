"""What identity gives out and takes back: API keys, and entries of the revocation log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RevocationKind = Literal["issuer", "subject", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """One secret of an API key, by its keyed hash. Times in Unix seconds; None: never.

    ends_s: refused from then on, whatever happens. since_s, idle_s: rotated away then, and refused
    once nobody has used it for so many seconds. used_s: last use, within ten seconds or so.
    pepper: id of the pepper of the digest; empty where that was not written down.
    """

    digest: str
    made_s: int
    ends_s: int | None = None
    since_s: int | None = None
    idle_s: int | None = None
    used_s: int | None = None
    pepper: str = ""

    @property
    def retires_s(self) -> int | None:
        """When it ends if nobody uses it any more."""
        if self.idle_s is None:
            return self.ends_s
        idle_end = max(self.since_s or self.made_s, self.used_s or 0) + self.idle_s
        return idle_end if self.ends_s is None else min(idle_end, self.ends_s)

    def is_live(self, now_s: int) -> bool:
        """Whether it opens anything at `now_s`, as far as the secret goes."""
        end = self.retires_s
        return end is None or now_s < end


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One issued API key: all but its text. Times in Unix seconds; None: never.

    waiver: why it lives longer than keys usually may; empty where it does not. operations: ids of
    those that it opens; none = all.
    """

    id: str
    owner: str
    kind: str
    env: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    operations: tuple[str, ...] = ()
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
