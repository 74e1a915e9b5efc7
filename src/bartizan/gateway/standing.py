"""What stands beside every Policy, issued API keys and revocations, as the core takes it in."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.model.credential import ApiKey, KeySecret, Revocation
    from bartizan.model.secret import Secret
    from bartizan.store.credentials import Credentials

    Pepper = tuple[str, Secret]

STAMP_LOOKS = 50
LOOK_S = 0.1
"""Between two looks at the state database: what is revoked is refused well within a second."""


class Standing:
    """Reads the store as others change it. May be used from any thread.

    peppers: the newest first, each with its id; none while no key was ever issued. takes_keys:
    whether the config lets issued keys in.
    """

    def __init__(
        self, store: Credentials, peppers: Callable[[], Sequence[Pepper]], *, takes_keys: bool
    ) -> None:
        self.takes_keys = takes_keys
        self._store = store
        self._peppers = peppers
        self._version = -1
        self._position = 0
        self._lock = threading.Lock()

    def whole(self) -> bytes:
        """Everything, for a gateway that knows nothing yet."""
        with self._lock:
            self._position = 0
            return self._read(self._store.version())

    def changes(self) -> bytes | None:
        """What is new since the last call of either kind; None for nothing."""
        with self._lock:
            version = self._store.version()
            return None if version == self._version else self._read(version)

    def stamp(self, used: Mapping[str, int], moved: Mapping[str, str]) -> None:
        """Keeps when secrets were used, and digests under the newest pepper for old ones."""
        with self._lock:
            if used:
                self._store.stamp(used)
            if moved and (peppers := self._peppers()):
                self._store.move(moved, peppers[0][0])
                self._version = -1  # Our own writing changes no version for us.

    def _read(self, version: int) -> bytes:
        # INVARIANT: the version is older than what is read, so no change is missed.
        keys = self._store.keys() if self.takes_keys else ()
        log = self._store.revocations(self._position)
        peppers = self._peppers() if keys else ()
        self._version = version
        self._position = max((one.position for one in log), default=self._position)
        standing = {
            "keys": {
                "peppers": [one.reveal() for _id, one in peppers],
                "keys": [_key(one) for one in keys],
            },
            "revocations": [_revocation(one) for one in log],
        }
        return json.dumps(standing).encode()


def _key(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "scopes": key.scopes,
        "networks": key.networks,
        "operations": key.operations,
        "expires_s": key.expires_s,
        "revoked": key.revoked_s is not None,
        "secrets": [_secret(one) for one in key.secrets],
    }


def _secret(one: KeySecret) -> dict[str, object]:
    form: dict[str, object] = {"digest": one.digest, "expires_s": one.ends_s}
    if one.idle_s is not None:
        since_s = one.since_s or one.made_s
        form["retires"] = {"since_s": since_s, "idle_s": one.idle_s, "used_s": one.used_s or 0}
    return form


def _revocation(entry: Revocation) -> dict[str, object]:
    form: dict[str, object] = {
        "kind": entry.kind,
        "issuer": entry.issuer,
        "until_s": entry.until_s,
    }
    if entry.kind != "issuer":
        form["name"] = entry.name
    if entry.kind != "token":
        form["before_s"] = entry.before_s
    return form
