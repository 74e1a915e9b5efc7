"""Config keys of what is done to traffic: limits, shape, operations, exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.kinds import (
    Choice,
    Flag,
    ListOf,
    MapOf,
    Rate,
    RateText,
    Text,
    Whole,
)
from bartizan.policy.reading import below
from bartizan.policy.records import Record, Settings, key, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.policy.reading import Reading

CONTROLS = ("parse", "match", "identify", "limit", "authorize", "inspect", "shape")
MODES = ("shadow", "enforce")
EXPOSURES = ("internal", "partner", "public")
SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
TELLING_HEADERS = ("server", "x-aspnet-version", "x-aspnetmvc-version", "x-powered-by", "x-runtime")
OPERATION = r"\*|([a-z0-9-]+:)?[!#$%&'*+.^_`|~0-9A-Za-z-]+ /\S*"
CODE = Text("the name of a rule, as in `parse.encoded-slash`", r"[a-z]+\.[a-z0-9.-]+")
HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
HEADER = Text("a header name, as in `x-request-id`", HEADER_NAME)
MODE_OF_CONTROLS = MapOf(Choice(MODES), words=CONTROLS)


@settings
class Limit(Settings):
    """One limit: a rate, or a number of requests under way."""

    name: str = key(
        Text("a short name", r"[A-Za-z0-9._-]{1,32}"),
        "Shown in `RateLimit-Policy`.",
        example="default",
        default="",
    )
    per: tuple[str, ...] = key(
        ListOf(Choice(("address", "all", "operation", "principal")), single=True, least=1),
        "What it counts by; several words count by their combination; "
        "`all` counts all traffic together.",
        example="principal",
        default=("principal",),
    )
    rate: Rate | None = key(RateText(), "Requests in a time.", example="100/min", default=None)
    burst: int | None = key(
        Whole(1), "Requests at once; the count of `rate` unless written.", example=20, default=None
    )
    concurrency: int | None = key(Whole(1), "Requests under way.", example=50, default=None)
    operations: tuple[str, ...] = key(
        ListOf(Text("an operation, as in `POST /login`", OPERATION), single=True),
        "Operations it applies to; all traffic unless written.",
        example=["POST /login"],
        default=(),
    )

    def check(self, reading: Reading) -> None:
        """Exactly one of rate and concurrency; `all` stands alone."""
        if (self.rate is None) == (self.concurrency is None):
            hint = "two limits are two entries of the list"
            hint = "add `rate: 100/min`" if self.rate is None else f"take one of them out; {hint}"
            message = "a limit has either `rate` or `concurrency`"
            reading.report(self.pointer, "config.conflict", message, hint=hint, value=False)
        if self.burst is not None and self.rate is None and self.concurrency is not None:
            at = below(self.pointer, "burst")
            reading.report(
                at, "config.conflict", "`burst` belongs to `rate`", hint="take it out", value=False
            )
        if "all" in self.per and len(self.per) > 1:
            reading.report(
                below(self.pointer, "per"), "config.conflict", "`all` stands alone", value=False
            )


@settings
class Shape(Settings):
    """What is done to responses."""

    fields: str = key(
        Choice(("pass", "refuse", "remove")),
        "JSON fields that the description does not promise.",
        example="remove",
        default="remove",
    )
    breach: str = key(
        Choice(("pass", "refuse")),
        "Responses that break their schema: recorded and passed, or replaced by 502.",
        example="refuse",
        default="pass",
    )
    secrets: str = key(
        Choice(("pass", "refuse", "remove")),
        "JSON fields and headers that the description calls secret (`x-bartizan-data-class`).",
        example="remove",
        default="remove",
    )
    scrub_errors: bool = key(
        Flag(),
        "Replace error bodies that tell internals (stack traces, SQL).",
        example=True,
        default=True,
    )
    headers: Mapping[str, str] = key(
        MapOf(Text(), HEADER_NAME, "a header name", lower=True),
        "Security headers set where the API sets none; an empty value takes one of ours away.",
        example={"x-frame-options": "SAMEORIGIN"},
        default=SECURITY_HEADERS,
    )
    strip: tuple[str, ...] = key(
        ListOf(HEADER), "Response headers taken out.", example=["server"], default=TELLING_HEADERS
    )
    no_store: bool = key(
        Flag(), "Set `Cache-Control: no-store` on authenticated JSON.", example=True, default=True
    )

    def check(self, reading: Reading) -> None:
        """Header values hold no line ends."""
        for name, value in self.headers.items():
            if not value.isprintable():
                reading.wrong(
                    below(below(self.pointer, "headers"), name), "printable text on one line", value
                )


@settings
class OperationSettings(Settings):
    """What differs for one operation."""

    controls: Mapping[str, str] = key(
        MODE_OF_CONTROLS, "Mode of single controls here.", example={"inspect": "shadow"}, default={}
    )
    limits: tuple[Limit, ...] = key(
        ListOf(Record(Limit), single=True),
        "Limits besides the common ones.",
        example=[{"per": "address", "rate": "5/min"}],
        default=(),
    )
    relax: tuple[str, ...] = key(
        ListOf(CODE),
        "Parse rules that do not apply here.",
        example=["parse.encoded-slash"],
        default=(),
    )
    body_max_bytes: int | None = key(
        Whole(0, 2**40), "Own cap of the request body.", example=10_485_760, default=None
    )
    shape: Shape | None = key(
        Record(Shape), "What is done to its responses.", example={"fields": "pass"}, default=None
    )
    security: str = key(
        Choice(("declared", "none", "required")),
        "`declared`: as the description says; `none`: no credential; `required`: a verified one.",
        example="none",
        default="declared",
    )
    exposure: str | None = key(
        Choice(EXPOSURES),
        "Who may reach it: `internal`: callers out of the networks of `internal:`, to others it "
        "looks undeclared; `partner`: callers with a verified credential; `public`: everybody "
        "whom `security` lets in. As the description says unless written.",
        example="internal",
        default=None,
    )
    closed_query: bool | None = key(
        Flag(), "Refuse query parameters that are not declared.", example=True, default=None
    )
    closed_body: bool | None = key(
        Flag(), "Refuse members of its body that no schema names.", example=True, default=None
    )


@settings
class WrittenException(Settings):
    """One rule that does not count on one operation and field."""

    rule: str = key(CODE, "Name of the rule.", example="inspect.body-schema")
    operation: str = key(
        Text("an operation, as in `POST /users`", OPERATION),
        "The operation.",
        example="POST /users",
        default="",
    )
    path: str = key(
        Text("a method (or `*`) and path, as in `GET /debug/**`", r"([A-Za-z]+|\*) /\S*"),
        "Method, or `*` for any, and path of a route that is not declared (for `match.*`). `/**` "
        "at the end is the path before it and everything below.",
        example="GET /debug/**",
        default="",
    )
    field: str = key(
        Text("a place, as in `body#/email` or `query:page`", r"[a-z-]+(:[^#]+)?(#(/.*)?)?"),
        "Place in the message: `body#/email`, `query:page`, `header:x-a`; `body` with all that is "
        "in it, `body#` without; every place unless written.",
        example="body#/email",
        default="",
    )
    reason: str = key(
        Text(),
        "Why, for those who read it later.",
        example="legacy clients send it empty",
        default="",
    )

    def check(self, reading: Reading) -> None:
        """It names an operation, or the path of an undeclared route; never both."""
        if bool(self.operation) == bool(self.path):
            hint = "`operation:` for a declared operation, `path:` for a route that is not declared"
            message = "an exception has either `operation` or `path`"
            reading.report(self.pointer, "config.conflict", message, hint=hint, value=False)
        if self.path and not self.rule.startswith("match."):
            at = below(self.pointer, "rule")
            reading.report(at, "config.conflict", "with `path`, the rule is a `match.*` rule")
