"""Keys for the tests of this room and of the command line."""

from bartizan.identity.api_keys import Wish, issue
from bartizan.model.credential import ApiKey, KeySecret

NOW_S = 1_764_000_000


def key(key_id: str = "000000001", digest: str = "a", expires_s: int | None = None) -> ApiKey:
    wish = Wish("partner", "svc", "live", ("read",), ("10.0.0.0/8",), expires_s)
    return issue(wish, key_id, secret(digest), NOW_S)


def secret(digest: str, pepper: str = "") -> KeySecret:
    return KeySecret(digest=digest, made_s=NOW_S, pepper=pepper)
