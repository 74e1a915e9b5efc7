"""Fetches API descriptions and key sets over HTTP, and finds the description of a running API.

Bounded in size and time. The only place of the control process that opens a URL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from bartizan.console.terminal import BROKEN, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    Fetch = Callable[[str], bytes]

SIZE_MAX_BYTES = 32 << 20
TIMEOUT_S = 10.0

USUAL_PLACES = (
    "/openapi.json",
    "/openapi.yaml",
    "/swagger.json",
    "/api/openapi.json",
    "/v3/api-docs",
    "/api-docs",
    "/docs/openapi.json",
    "/swagger/v1/swagger.json",
    "/api/schema/",
    "/openapi.yml",
    "/swagger.yaml",
    "/api/swagger.json",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
    "/v2/api-docs",
    "/api-docs.json",
    "/schema",
    "/.well-known/openapi.json",
)

_MARK = re.compile(rb"""(?:^|[{,\s])["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\.""")
_MARK_WITHIN_BYTES = 64 << 10
_KEPT = "%/:?@[]!$&'()*+,;=~"
"""Characters of a path or query that stay as they are (RFC 3986, section 3)."""


class FetchFault(Exception):
    """A URL cannot be read. `is_down`: nothing answers there at all."""

    def __init__(self, message: str, *, is_down: bool = False) -> None:
        super().__init__(message)
        self.is_down = is_down


def fetch(url: str) -> bytes:
    """The body behind an `http:` or `https:` URL, at most SIZE_MAX_BYTES. Raises FetchFault."""
    # A tenth of the time of a `check` that fetches nothing.
    import http.client
    import urllib.error
    import urllib.request

    ask = urllib.request.Request(_encoded(url), headers={"Accept": "application/json, */*;q=0.5"})  # noqa: S310, checked above
    try:
        with urllib.request.urlopen(ask, timeout=TIMEOUT_S) as answer:  # noqa: S310, checked above
            body: bytes = answer.read(SIZE_MAX_BYTES + 1)
    except urllib.error.HTTPError as fault:
        fault.close()
        raise FetchFault(f"`{url}` answers {fault.code}") from fault
    except (OSError, http.client.HTTPException) as fault:
        cause = getattr(fault, "reason", fault)
        raise FetchFault(f"`{url}` does not answer: {cause}", is_down=True) from fault
    if len(body) > SIZE_MAX_BYTES:
        raise FetchFault(f"`{url}` is larger than {SIZE_MAX_BYTES >> 20} MiB")
    return body


def _encoded(url: str) -> str:
    """The URL with what is not ASCII percent-encoded: no request line holds it as it is."""
    try:
        parts = urlsplit(url)
    except ValueError as fault:
        raise FetchFault(f"`{url}` is not a URL: {fault}") from fault
    if parts.scheme not in ("http", "https"):
        raise FetchFault(f"`{url}` is not an http or https URL")
    path, query = (quote(part, safe=_KEPT) for part in (parts.path, parts.query))
    return parts._replace(path=path, query=query).geturl()


def find(upstream: str, fetch: Fetch = fetch) -> str:
    """The URL of the description of a running API. Raises Stopped when it is down or has none."""
    for place in USUAL_PLACES:
        url = urljoin(upstream.rstrip("/") + "/", place.lstrip("/"))
        try:
            body = fetch(url)
        except FetchFault as fault:
            if fault.is_down:
                raise Stopped(
                    f"the API at `{upstream}` cannot be reached: {fault}",
                    hint="start it first, or give its document with `--openapi FILE`",
                    status=BROKEN,
                ) from fault
            continue
        if is_description(body):
            return url
    raise Stopped(
        f"no OpenAPI document at `{upstream}`: looked at {', '.join(USUAL_PLACES[:9])} and more",
        hint="give it with `--openapi FILE` or `--openapi URL`",
    )


def is_description(body: bytes) -> bool:
    """Whether this looks like an OpenAPI document: some servers answer 200 to everything."""
    return _MARK.search(body[:_MARK_WITHIN_BYTES]) is not None
