"""The port of what identity keeps: issued API keys and the log of revocations; and it in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.model.credential import ApiKey, Revocation

    Change = Callable[[ApiKey], ApiKey]


class Credentials(Protocol):
    """Every writing call is one transaction, and durable when it returns."""

    def add(self, key: ApiKey) -> None:
        """Keeps a new key. Raises KeyError when its id or a digest is known already."""

    def change(self, key_id: str, change: Change) -> ApiKey:
        """Puts what `change` makes of a key in its place; gives that. Raises KeyError."""

    def key(self, key_id: str) -> ApiKey | None:
        """The key of this id."""

    def keys(self) -> tuple[ApiKey, ...]:
        """All keys, the oldest first."""

    def revoke(self, entry: Revocation, now_s: int) -> Revocation:
        """Appends to the log; gives the entry with its position. Forgets what ended by `now_s`."""

    def revocations(self, after: int = 0) -> tuple[Revocation, ...]:
        """Entries behind this position, in order."""

    def stamp(self, used: Mapping[str, int]) -> None:
        """Last use (Unix seconds) of secrets, by digest; unknown ones are passed over."""

    def move(self, moved: Mapping[str, str], pepper: str) -> None:
        """Puts other digests, under the pepper of this id, in the place of old ones."""

    def announce(self) -> None:
        """Makes `version` another number for everybody else: what is kept beside has changed."""

    def version(self) -> int:
        """Another number whenever anybody else has written."""

    def close(self) -> None:
        """Lets go of what is held open."""


class MemoryCredentials(Credentials):
    """In a dict and a list: for tests. Every call is O(what is kept)."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}
        self._log: list[Revocation] = []
        self._position = 0

    def add(self, key: ApiKey) -> None:
        """See Credentials."""
        known = {one.digest for other in self._keys.values() for one in other.secrets}
        if key.id in self._keys or any(one.digest in known for one in key.secrets):
            raise KeyError(key.id)
        self._keys[key.id] = key

    def change(self, key_id: str, change: Change) -> ApiKey:
        """See Credentials."""
        self._keys[key_id] = change(self._keys[key_id])
        return self._keys[key_id]

    def key(self, key_id: str) -> ApiKey | None:
        """See Credentials."""
        return self._keys.get(key_id)

    def keys(self) -> tuple[ApiKey, ...]:
        """See Credentials."""
        return tuple(self._keys.values())

    def revoke(self, entry: Revocation, now_s: int) -> Revocation:
        """See Credentials."""
        self._position += 1
        kept = replace(entry, position=self._position)
        self._log = [*(one for one in self._log if one.until_s > now_s), kept]
        return kept

    def revocations(self, after: int = 0) -> tuple[Revocation, ...]:
        """See Credentials."""
        return tuple(one for one in self._log if one.position > after)

    def stamp(self, used: Mapping[str, int]) -> None:
        """See Credentials."""
        for key in self.keys():
            secrets = tuple(
                replace(one, used_s=max(used.get(one.digest, 0), one.used_s or 0) or None)
                for one in key.secrets
            )
            self._keys[key.id] = replace(key, secrets=secrets)

    def move(self, moved: Mapping[str, str], pepper: str) -> None:
        """See Credentials."""
        for key in self.keys():
            secrets = tuple(
                replace(one, digest=moved[one.digest], pepper=pepper)
                if one.digest in moved
                else one
                for one in key.secrets
            )
            self._keys[key.id] = replace(key, secrets=secrets)

    def announce(self) -> None:
        """See Credentials: nobody else is there."""

    def version(self) -> int:
        """See Credentials: nobody else can write."""
        return 0

    def close(self) -> None:
        """See Credentials."""
