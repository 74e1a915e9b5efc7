"""Config keys of `auth:`: issuers of access tokens and API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.policy.forms import Moment, PathText, Url, is_loopback
from bartizan.policy.kinds import (
    Choice,
    Duration,
    Flag,
    ListOf,
    MapOf,
    Milliseconds,
    SecretText,
    Text,
)
from bartizan.policy.reading import below
from bartizan.policy.records import Record, Settings, key, settings
from bartizan.policy.traffic_keys import OPERATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.secret import Secret
    from bartizan.policy.reading import Reading

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


@settings
class Issuer(Settings):
    """One issuer of access tokens (JWT)."""

    id: str = key(
        Text(),
        "Short name, shown in records; the issuer's host unless written.",
        example="main",
        default="",
    )
    issuer: str = key(
        Url(("https", "http")), "The exact `iss` of its tokens.", example="https://idp.example.com"
    )
    audiences: tuple[str, ...] = key(
        ListOf(Text(), single=True),
        "Accepted `aud` values: the names of this API.",
        example=["api"],
        default=(),
    )
    apis: tuple[str, ...] = key(
        ListOf(Text(), single=True, least=1),
        "Names of the entries of `apis` that believe it; all of them unless written.",
        example=["shop"],
        default=(),
    )
    audience_rule: str = key(
        Choice(("all-listed", "any", "contains")),
        "`all-listed`: every `aud` of a token is on the list; `contains`: one is; "
        "`any`: not checked.",
        example="contains",
        default="all-listed",
    )
    jwks: str = key(
        PathText(urls=True),
        "Its keys: a URL or a file; found by discovery unless written.",
        example="keys.json",
        default="",
    )
    algorithms: tuple[str, ...] = key(
        ListOf(Choice(ALGORITHMS), single=True, least=1),
        "Allowed algorithms.",
        example=["ES256"],
        default=ALGORITHMS,
    )
    types: tuple[str, ...] = key(
        ListOf(Text()),
        "Accepted `typ` header values beside `at+jwt` and `JWT`. A token without `typ` is refused "
        'unless `""` is listed.',
        example=["", "vnd.example+jwt"],
        default=(),
    )
    skew: Milliseconds = key(
        Duration(0, 60_000, "10s"),
        "Clock skew allowed for times in tokens.",
        example="10s",
        default=Milliseconds(10_000),
    )
    lifetime_max: Milliseconds = key(
        Duration(1_000, example="1h"),
        "Longest life of a token.",
        example="1h",
        default=Milliseconds(86_400_000),
    )
    subject_claim: str = key(
        Text(), "Claim that names the Principal.", example="sub", default="sub"
    )
    scope_claims: tuple[str, ...] = key(
        ListOf(Text(), single=True),
        "Claims that hold scopes; the first present one counts.",
        example=["scope"],
        default=("scope", "scp"),
    )
    upstream_credential: str = key(
        Choice(("pass", "strip")),
        "Whether the API gets the token, too.",
        example="strip",
        default="pass",
    )
    danger_allow_http: bool = key(
        Flag(),
        "Fetch keys over plain HTTP from other hosts than loopback.",
        example=False,
        default=False,
    )

    def check(self, reading: Reading) -> None:
        """Keys come over HTTPS, from loopback or from a file; `any` needs no audiences."""
        require_safe_keys(
            self.jwks or self.issuer,
            below(self.pointer, "jwks" if self.jwks else "issuer"),
            self,
            reading,
        )
        if self.audience_rule == "any" and self.audiences:
            at = below(self.pointer, "audiences")
            reading.report(
                at,
                "config.conflict",
                "`audiences` has no effect beside `audience_rule: any`",
                value=False,
            )


@settings
class ApiKey(Settings):
    """One API key, known by its keyed hash only."""

    id: str = key(Text("a name", r"\S+"), "Public name; names the Principal.", example="partner-1")
    digest: str = key(
        # The key itself, pasted here by mistake, must not stand in a message.
        Text("64 hex digits, from `bartizan keys hash`", r"[0-9a-f]{64}", hidden=True),
        "HMAC-SHA-256 of the key under the pepper, lower-case hex.",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    scopes: tuple[str, ...] = key(
        ListOf(Text(), single=True), "Scopes that it carries.", example=["orders:read"], default=()
    )
    operations: tuple[str, ...] = key(
        ListOf(Text("an operation, as in `GET /orders`", OPERATION), single=True, least=1),
        "Operations that it opens, as for `bartizan keys create --operation`; all unless written.",
        example=["GET /orders"],
        default=(),
    )
    expires: int | None = key(
        Moment(),
        "Refused from this moment on (UTC); never unless written.",
        example="2027-01-31",
        default=None,
    )
    upstream_credential: str = key(
        Choice(("pass", "strip")),
        "Whether the API gets the key, too.",
        example="pass",
        default="strip",
    )


@settings
class ApiKeys(Settings):
    """API keys that the gateway verifies."""

    pepper: Secret | None = key(
        SecretText(), "Key of the keyed hash.", example="${file:pepper.txt}", default=None
    )
    header: str = key(
        Text("a header name, as in `x-api-key`", HEADER_NAME),
        "Header of the key where `require: always` or `security: required` asks for one and the "
        "description declares no scheme of type `apiKey`.",
        example="x-api-key",
        default="x-api-key",
    )
    keys: tuple[ApiKey, ...] = key(ListOf(Record(ApiKey)), "The keys.", example=[], default=())
    issued: bool = key(
        Flag(),
        "Let in the keys that `bartizan keys create` issued, which the state directory holds.",
        example=True,
        default=False,
    )

    @property
    def has_any(self) -> bool:
        """Whether any key can be verified."""
        return self.issued or bool(self.keys)

    def check(self, reading: Reading) -> None:
        """Keys need a pepper and names of their own."""
        if self.keys and self.pepper is None:
            hint = "add `pepper: ${file:pepper.txt}` beside it"
            reading.report(
                below(self.pointer, "keys"),
                "config.missing-key",
                "`pepper` is missing",
                hint=hint,
                value=False,
            )
        seen: set[str] = set()
        for one in self.keys:
            if one.id in seen:
                at = below(one.pointer, "id")
                reading.report(at, "config.duplicate", f"API key `{one.id}` is configured twice")
            seen.add(one.id)


@settings
class Auth(Settings):
    """Who is believed, and where a credential is required."""

    oidc: str = key(
        Url(("https", "http")),
        "Short form: one issuer, keys by discovery.",
        example="https://idp.example.com",
        default="",
    )
    audience: tuple[str, ...] = key(
        ListOf(Text(), single=True),
        "Accepted `aud` values of `oidc`; `any` turns the check off.",
        example="api",
        default=(),
    )
    issuers: tuple[Issuer, ...] = key(
        ListOf(Record(Issuer)),
        "Issuers of access tokens.",
        example=[{"issuer": "https://idp.example.com"}],
        default=(),
    )
    api_keys: ApiKeys = key(
        Record(ApiKeys),
        "API keys that we verify.",
        example={"pepper": "${file:pepper.txt}", "keys": []},
        default=ApiKeys(),
    )
    require: str = key(
        Choice(("always", "declared")),
        "`declared`: as the description's `security` says; "
        "`always`: a verified credential for every operation.",
        example="always",
        default="declared",
    )
    schemes: Mapping[str, str] = key(
        MapOf(Choice(("api-key", "presence", "token"))),
        "How a declared security scheme is verified, where the usual choice is wrong.",
        example={"legacyHeader": "token"},
        default={},
    )

    def check(self, reading: Reading) -> None:
        """What must hold between the keys."""
        if self.oidc:
            require_safe_keys(self.oidc, below(self.pointer, "oidc"), None, reading)
        elif self.audience:
            at = below(self.pointer, "audience")
            hint = "write `oidc:` beside it, or `audiences:` inside an issuer"
            reading.report(
                at, "config.conflict", "`audience` belongs to `oidc`", hint=hint, value=False
            )
        if self.require == "always" and not (self.all_issuers or self.api_keys.has_any):
            hint = "write `oidc:`, `issuers:` or `api_keys:`"
            message = "`require: always` needs somebody whose credentials can be verified"
            reading.report(
                below(self.pointer, "require"), "config.conflict", message, hint=hint, value=False
            )
        self._check_unique(reading)
        for issuer in self.all_issuers:
            if (urlsplit(issuer.issuer).hostname or "").endswith(".invalid"):
                name = "" if issuer.pointer.endswith("/oidc") else "issuer"
                reading.report(
                    below(issuer.pointer, name) if name else issuer.pointer,
                    "config.placeholder",
                    f"`{issuer.issuer}` is a placeholder: no token is believed",
                    hint="write the URL of your issuer, or take it out",
                    warning=True,
                )

    def _check_unique(self, reading: Reading) -> None:
        seen: dict[str, str] = {}
        for issuer in self.all_issuers:
            if issuer.issuer in seen:
                message = f"issuer `{issuer.issuer}` is configured twice"
                reading.report(issuer.pointer, "config.duplicate", message, value=False)
            seen[issuer.issuer] = issuer.pointer

    @property
    def all_issuers(self) -> tuple[Issuer, ...]:
        """The issuers, the short form first."""
        if not self.oidc:
            return self.issuers
        rule = "any" if self.audience == ("any",) else "all-listed"
        audiences = () if rule == "any" else self.audience
        short = Issuer(
            issuer=self.oidc,
            audiences=audiences,
            audience_rule=rule,
            pointer=f"{self.pointer}/oidc",
        )
        return (short, *self.issuers)


def require_safe_keys(source: str, at: str, issuer: Issuer | None, reading: Reading) -> None:
    """Report a key source that anybody on the way could change: plain HTTP beyond loopback."""
    if not source.startswith("http://") or is_loopback(source):
        return
    if issuer is not None and issuer.danger_allow_http:
        return
    safe = f"https{source.removeprefix('http')}"
    hint = f"write `{safe}`; `danger_allow_http: true` inside an `issuers:` entry takes the risk"
    reading.report(
        at, "config.plain-http", f"keys from `{source}` could be changed on the way", hint=hint
    )
