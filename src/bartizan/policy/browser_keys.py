"""Config keys of browsers: cross-origin access, cross-site requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.kinds import Choice, Duration, Flag, ListOf, Milliseconds, Text
from bartizan.policy.reading import below
from bartizan.policy.records import Settings, key, settings
from bartizan.policy.traffic_keys import HEADER, HEADER_NAME

if TYPE_CHECKING:
    from bartizan.policy.reading import Reading

_ORIGIN = r"https?://[^/\s]+"


@settings
class Cors(Settings):
    """Cross-origin access by browsers, answered by the gateway."""

    origins: tuple[str, ...] = key(
        ListOf(
            Text("an origin, as in `https://app.example.com`, or `*`", rf"\*|{_ORIGIN}"),
            single=True,
            least=1,
        ),
        "Origins that may call.",
        example=["https://app.example.com"],
    )
    credentials: bool = key(
        Flag(), "Whether browsers may send credentials.", example=False, default=False
    )
    headers: tuple[str, ...] = key(
        ListOf(HEADER),
        "Request headers that are allowed; those declared unless written.",
        example=["x-trace"],
        default=(),
    )
    expose: tuple[str, ...] = key(
        ListOf(HEADER), "Response headers that pages may read.", example=["etag"], default=()
    )
    max_age: Milliseconds = key(
        Duration(0, 86_400_000, "10min"),
        "How long browsers keep a preflight.",
        example="10min",
        default=Milliseconds(600_000),
    )

    def check(self, reading: Reading) -> None:
        """`*` stands alone and never goes with credentials."""
        at = below(self.pointer, "origins")
        if "*" in self.origins and len(self.origins) > 1:
            reading.report(at, "config.conflict", "`*` stands alone", value=False)
        if "*" in self.origins and self.credentials:
            hint = "list the origins"
            reading.report(
                at,
                "config.conflict",
                "`*` cannot go with `credentials: true`",
                hint=hint,
                value=False,
            )


@settings
class Csrf(Settings):
    """Requests that a page of another site makes with the cookies of a user."""

    proof: str = key(
        Choice(("off", "origin", "token")),
        "`origin`: the browser must name an own page as where an unsafe request comes from; "
        "`token`: the same token in a cookie and in a header.",
        example="origin",
        default="origin",
    )
    origins: tuple[str, ...] = key(
        ListOf(Text("an origin, as in `https://app.example.com`", _ORIGIN), single=True),
        "Origins whose pages may act for a user, besides those of `cors`.",
        example=["https://app.example.com"],
        default=(),
    )
    every_cookie: bool = key(
        Flag(),
        "Check requests with any cookie, not those alone whose cookie the description declares "
        "as a credential.",
        example=True,
        default=False,
    )
    cookie: str = key(
        Text("the name of a cookie", HEADER_NAME),
        "Cookie that holds the token.",
        example="__Host-csrf",
        default="__Host-csrf",
    )
    header: str = key(
        HEADER, "Header that holds the token.", example="x-csrf-token", default="x-csrf-token"
    )
