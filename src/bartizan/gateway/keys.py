"""Key sets of issuers for in-process mounts: read at compile, anew by age and when a token asks.

The rules of the gateway process hold: https, or http on loopback, or `danger_allow_http`.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.policy.forms import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Fetch = Callable[[str], bytes]

SET_MAX_BYTES = 256 << 10
FETCH_S = 3.0
TTL_S = 600.0
ASK_EVERY_MS = 3_000
"""Two look-ups for one issuer are at least so far apart, however many tokens ask."""


class KeysFault(Exception):
    """The keys of an issuer cannot be had; says why."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys of one issuer come from, as the form of the Policy says."""

    id: str
    issuer: str
    place: Mapping[str, object]

    def read(self, fetch: Fetch) -> bytes:
        """The JWK set. Raises KeysFault."""
        try:
            return self._read(fetch)
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise KeysFault(str(fault) or type(fault).__name__) from fault

    def _read(self, fetch: Fetch) -> bytes:
        match self.place["from"]:
            case "file":
                return Path(str(self.place["path"])).read_bytes()
            case "url":
                return fetch(self._safe(self.place["url"]))
        about = fetch(self._safe(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        return fetch(self._safe(json.loads(about)["jwks_uri"]))

    def _safe(self, url: object) -> str:
        """`url`, when nobody on the way can change what it gives."""
        text = str(url)
        scheme = urlsplit(text).scheme
        is_allowed = is_loopback(text) or self.place.get("danger_allow_http") is True
        if scheme == "https" or (scheme == "http" and is_allowed):
            return text
        message = f"`{text}` is neither https nor http on loopback"
        raise KeysFault(message)


class Keys:
    """The key sets of one Live. load: puts a set in place, raises ValueError."""

    def __init__(
        self,
        sources: Sequence[KeySource],
        load: Callable[[int, bytes, int], int],
        *,
        fetch: Fetch,
        now_ms: Callable[[], int],
        say: Callable[[str], None],
    ) -> None:
        self._sources = sources
        self._load = load
        self._fetch = fetch
        self._now_ms = now_ms
        self._say = say
        self._locks = [threading.Lock() for _ in sources]
        self._looked_ms = [-ASK_EVERY_MS] * len(sources)

    @property
    def has_issuers(self) -> bool:
        """Whether there is anything to keep fresh."""
        return bool(self._sources)

    def refresh(self, issuer: int, *, is_asked: bool = False) -> None:
        """Reads the keys of one issuer; the old ones stay where that fails. Blocks up to FETCH_S.

        Single flight: whoever comes meanwhile waits for it. is_asked: a token of unknown key wants
        it, which is answered by what was read just now.
        """
        with self._locks[issuer]:
            now_ms = self._now_ms()
            if is_asked and now_ms - self._looked_ms[issuer] < ASK_EVERY_MS:
                return
            self._looked_ms[issuer] = now_ms
            source = self._sources[issuer]
            try:
                self._load(issuer, source.read(self._fetch), now_ms)
            except (KeysFault, ValueError) as fault:
                self._say(
                    f"keys of {source.id} cannot be had, tokens with other keys fail: {fault}"
                )

    def refresh_all(self) -> None:
        """Reads the keys of every issuer."""
        for issuer in range(len(self._sources)):
            self.refresh(issuer)


def sources_of(form: Mapping[str, object]) -> list[KeySource]:
    """The key sources in the form of a Policy, in its order."""
    issuers = form.get("issuers")
    rows = issuers if isinstance(issuers, list) else []
    return [KeySource(one["id"], one["issuer"], one["keys"]) for one in rows]


def fetch(url: str, max_bytes: int = SET_MAX_BYTES) -> bytes:
    """At most `max_bytes` behind an http or https URL. Raises OSError, ValueError."""
    if urlsplit(url).scheme not in ("http", "https"):
        message = f"`{url}` is not an http or https URL"
        raise ValueError(message)
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class NoRedirect(HTTPRedirectHandler):
        """A redirect could lead where the rules would not: it is an error."""

        def redirect_request(self, *_: object) -> None:
            """None: do not follow."""

    # No proxy of the environment either: the gateway process knows none.
    opener = build_opener(NoRedirect, ProxyHandler({}))
    with opener.open(url, timeout=FETCH_S) as answer:
        body: bytes = answer.read(max_bytes + 1)
    if len(body) > max_bytes:
        message = f"`{url}` is larger than {max_bytes >> 10} kB"
        raise ValueError(message)
    return body
