"""Config keys of `tests:`: requests with the verdict that the policy must give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.kinds import Anything, Choice, ListOf, MapOf, Text, Whole
from bartizan.policy.reading import below
from bartizan.policy.records import Record, Settings, key, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.policy.reading import Reading

VERDICTS = ("allow", "challenge", "deny", "throttle")
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


@settings
class WrittenPrincipal(Settings):
    """Who asks, as a fact: nothing is verified."""

    subject: str = key(Text("a name", r"\S+"), "Its name, or the id of its API key.", example="ann")
    kind: str = key(
        Choice(("api-key", "token")), "How it is proven.", example="token", default="token"
    )
    issuer: str = key(
        Text(), "Short name of its issuer; the only one unless written.", example="main", default=""
    )
    scopes: tuple[str, ...] = key(
        ListOf(Text(), single=True), "Scopes that it holds.", example=["orders:read"], default=()
    )


@settings
class Case(Settings):
    """One request and the verdict it must get."""

    name: str = key(
        Text(), "What is shown; the request unless written.", example="no guests", default=""
    )
    request: str = key(
        Text("a method and target, as in `GET /orders?limit=5`", r"[A-Za-z]+ /\S*"),
        "Method and target.",
        example="GET /orders?limit=5",
    )
    headers: Mapping[str, str] = key(
        MapOf(Text(), _HEADER_NAME, "a header name"),
        "Header fields; `host` and `content-type` are set unless written.",
        example={"x-trace": "1"},
        default={},
    )
    body: object = key(
        Anything(),
        "Body: a text as it is, everything else as JSON.",
        example={"item": "tea"},
        default=None,
    )
    principal: WrittenPrincipal | None = key(
        Record(WrittenPrincipal), "Who asks; nobody unless written.", example={"subject": "ann"},
        default=None,
    )  # fmt: skip
    address: str = key(
        Text("an IP address", r"[0-9a-fA-F.:]+"), "Address of the caller.",
        example="203.0.113.7", default="127.0.0.1",
    )  # fmt: skip
    times: int = key(
        Whole(1, 100_000), "Sent so often in one moment; the last one counts.", example=101,
        default=1,
    )  # fmt: skip
    expect: str = key(Choice(VERDICTS), "The verdict it must get.", example="deny")
    code: str = key(
        Text("a reason code, as in `inspect.body-schema`", r"[a-z]+\.[a-z-]+"),
        "Code that must be among its reasons.",
        example="inspect.body-schema",
        default="",
    )
    status: int | None = key(
        Whole(100, 599), "Status that the caller gets in enforce.", example=422, default=None
    )

    def check(self, reading: Reading) -> None:
        """A code that exists, and none where nothing stands against the request."""
        from bartizan.policy.suggest import hint
        from bartizan.policy.words import WORDS

        at = below(self.pointer, "code")
        if self.code and self.code not in WORDS:
            way = hint(self.code, WORDS)
            reading.report(at, "policy.unknown-rule", f"there is no rule `{self.code}`", hint=way)
        elif self.code and self.expect == "allow" and not self.code.startswith("shape."):
            message = "what is allowed has no reason against it"
            reading.report(at, "config.conflict", message, hint="take it out", value=False)
