"""The root of `bartizan.yaml` and `load`. A key is declared once: kind, words, example, default."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bartizan.policy.api_entries import (
    HOSTS,
    UPSTREAM,
    Api,
    base_path_key,
    check_apis,
    check_believed,
    openapi_key,
)
from bartizan.policy.auth_keys import ApiKey, ApiKeys, Auth, Issuer
from bartizan.policy.browser_keys import Cors, Csrf
from bartizan.policy.case_keys import Case
from bartizan.policy.forms import Address, Network, PathText
from bartizan.policy.kinds import Choice, Flag, ListOf, MapOf, Text, Whole
from bartizan.policy.layers import read_layers, reading_of
from bartizan.policy.overlay_entries import Overlay, overlays_key
from bartizan.policy.process_keys import Bounds, Connections, LimitTable, Pool, Timeouts
from bartizan.policy.records import Record, Settings, key, settings
from bartizan.policy.traffic_keys import (
    CODE,
    CONTROLS,
    MODE_OF_CONTROLS,
    MODES,
    OPERATION,
    SECURITY_HEADERS,
    Limit,
    OperationSettings,
    Shape,
    WrittenException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.errors import Diagnostic, Location
    from bartizan.policy.document import Document
    from bartizan.policy.reading import Reading

__all__ = [
    "CONTROLS",
    "MODES",
    "ROOT",
    "SECURITY_HEADERS",
    "Api",
    "ApiKey",
    "ApiKeys",
    "Auth",
    "Bounds",
    "Config",
    "Connections",
    "Cors",
    "Csrf",
    "Issuer",
    "Limit",
    "LimitTable",
    "OperationSettings",
    "Overrides",
    "Pool",
    "Shape",
    "Timeouts",
    "WrittenException",
    "load",
]


@settings
class Config(Settings):
    """One `bartizan.yaml`."""

    upstream: str = key(
        UPSTREAM, "Address of the API.", example="http://127.0.0.1:8000", unless="apis"
    )
    openapi: str = openapi_key("openapi.yaml")
    base_path: tuple[str, ...] | None = base_path_key()
    overlays: tuple[Overlay, ...] = overlays_key()
    apis: tuple[Api, ...] = key(
        ListOf(Record(Api), least=1),
        "Several APIs, told apart by host and path prefix; in place of `openapi`, `base_path` and "
        "`overlays`.",
        example=[{"name": "shop", "prefix": "/shop", "openapi": "shop.yaml"}],
        default=(),
    )
    mode: str = key(
        Choice(MODES),
        "`shadow` records only; `enforce` refuses.",
        example="enforce",
        default="shadow",
    )
    controls: Mapping[str, str] = key(
        MODE_OF_CONTROLS, "Mode of single controls.", example={"inspect": "shadow"}, default={}
    )
    auth: Auth = key(
        Record(Auth),
        "Who is believed.",
        example={"oidc": "https://idp.example.com"},
        default=Auth(),
    )
    limits: tuple[Limit, ...] = key(
        ListOf(Record(Limit), single=True),
        "Limits of traffic; none unless written.",
        example={"per": "principal", "rate": "100/min"},
        default=(),
    )
    operations: Mapping[str, OperationSettings] = key(
        MapOf(
            Record(OperationSettings), OPERATION, "a method and path, as in `POST /login`, or `*`"
        ),
        "What differs for single operations; `*` is all of them.",
        example={"POST /login": {"limits": {"per": "address", "rate": "5/min"}}},
        default={},
    )
    exceptions: tuple[WrittenException, ...] = key(
        ListOf(Record(WrittenException)),
        "Rules that do not count at single places.",
        example=[
            {"rule": "inspect.body-schema", "operation": "POST /users", "field": "body#/email"}
        ],
        default=(),
    )
    cors: Cors | None = key(
        Record(Cors),
        "Answer browsers' preflights here; they go to the API unless written.",
        example={"origins": ["https://app.example.com"]},
        default=None,
    )
    csrf: Csrf = key(
        Record(Csrf),
        "Refuse what pages of other sites do with the cookies of a user.",
        example={"proof": "token"},
        default=Csrf(),
    )
    public: tuple[str, ...] = key(
        ListOf(Text("a path, as in `/docs`", r"/[^\s?#{}]*"), single=True),
        "Paths that everybody may read as they are, such as the API's own documentation.",
        example=["/docs", "/openapi.json"],
        default=(),
    )
    shape: Shape = key(
        Record(Shape), "What is done to responses.", example={"fields": "remove"}, default=Shape()
    )
    relax: tuple[str, ...] = key(
        ListOf(CODE),
        "Parse rules that apply nowhere.",
        example=["parse.underscore-field"],
        default=(),
    )
    closed_query: bool = key(
        Flag(), "Refuse query parameters that are not declared.", example=True, default=False
    )
    closed_body: bool = key(
        Flag(),
        "Refuse members of request bodies that no schema names; an object of which the document "
        "names no member, or that says `additionalProperties: true`, stays open.",
        example=True,
        default=False,
    )
    hosts: tuple[str, ...] = key(
        HOSTS,
        "Hosts that requests may name; any unless written.",
        example=["api.example.com"],
        default=(),
    )
    trusted_proxies: tuple[str, ...] = key(
        ListOf(Network(), single=True),
        "Networks whose `X-Forwarded-For` is believed.",
        example=["10.0.0.0/8"],
        default=(),
    )
    internal: tuple[str, ...] = key(
        ListOf(Network(), single=True),
        "Networks whose callers reach internal operations (`exposure`); needed where there are "
        "any, since behind a proxy every caller may come from a private address.",
        example=["10.0.0.0/8"],
        default=(),
    )
    tests: tuple[Case, ...] = key(
        ListOf(Record(Case)),
        "Requests with the verdict they must get, for `bartizan test`.",
        example=[{"request": "GET /orders", "expect": "challenge"}],
        default=(),
    )
    budget: Bounds = key(
        Record(Bounds),
        "Bounds of one exchange.",
        example={"body_max_bytes": 2_097_152},
        default=Bounds(),
    )
    limit_table: LimitTable = key(
        Record(LimitTable),
        "Memory of the limit table.",
        example={"slots": 1_048_576},
        default=LimitTable(),
    )
    listen: str = key(
        Address(), "Where clients come in.", example="0.0.0.0:8080", default="127.0.0.1:8080"
    )
    admin: str = key(
        Address(),
        "Where health and metrics are served.",
        example="127.0.0.1:9090",
        default="127.0.0.1:9090",
    )
    workers: int = key(Whole(1, 256), "Worker threads.", example=2, default=1)
    timeouts: Timeouts = key(
        Record(Timeouts), "Deadlines.", example={"exchange": "30s"}, default=Timeouts()
    )
    pool: Pool = key(
        Record(Pool), "Connections to the API.", example={"max_connections": 512}, default=Pool()
    )
    connections: Connections = key(
        Record(Connections),
        "Caps of client connections.",
        example={"per_address": 64},
        default=Connections(),
    )
    ring: int = key(
        Whole(1, 2**24), "Events held when nobody takes them.", example=65_536, default=65_536
    )
    state: str = key(
        PathText(), "Directory of what is kept.", example=".bartizan", default=".bartizan"
    )

    # Not keys: where it all came from.
    document: Document | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def all_apis(self) -> tuple[Api, ...]:
        """Every API; what the short form names is a list of one without a name."""
        if self.apis:
            return tuple(replace(one, upstream=one.upstream or self.upstream) for one in self.apis)
        only = Api(
            name="",
            upstream=self.upstream,
            openapi=self.openapi,
            base_path=self.base_path,
            overlays=self.overlays,
        )
        return (only,)

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The distinct addresses of the APIs."""
        return tuple(dict.fromkeys(api.upstream for api in self.all_apis))

    def check(self, reading: Reading) -> None:
        """Every API has an address; the long form and the short one do not mix; two ports."""
        for api in self.apis:
            if not (api.upstream or self.upstream):
                hint = "write `upstream: http://127.0.0.1:8000`"
                message = "`upstream` is missing"
                reading.report(api.pointer, "config.missing-key", message, hint=hint, value=False)
        for word in ("openapi", "base_path", "overlays") if self.apis else ():
            if word in self.given:
                message = f"`{word}` belongs to each entry of `apis`"
                reading.report(f"/{word}", "config.conflict", message, value=False)
        if self.listen == self.admin and not self.listen.endswith(":0"):
            message = f"`admin` and `listen` are both `{self.admin}`"
            hint = "give each a port of its own"
            at = "/admin" if "admin" in self.given else "/listen"
            reading.report(at, "config.conflict", message, hint=hint, value=False)
        check_apis(self.apis, reading)
        check_believed(self.apis, self.auth.all_issuers, reading)

    def locate(self, pointer: str) -> Location:
        """Where `pointer` is set: a line of the file, a flag, a variable, or `default`."""
        return reading_of(self.document, self.origins).locate(pointer)


ROOT = Record(Config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What flags of the command line set, as written there; None = not given.

    upstream_from: what the upstream was written as: a flag, or the argument URL.
    """

    upstream: str | None = None
    openapi: str | None = None
    listen: str | None = None
    admin: str | None = None
    workers: int | str | None = None
    mode: str | None = None
    state: str | None = None
    upstream_from: str = "--upstream"


_FLAGS = tuple(one.name for one in fields(Overrides) if one.name != "upstream_from")


def load(path: Path | None, *, overrides: Overrides, environ: Mapping[str, str]) -> Config:
    """The config in the file at `path` (None: defaults), then `BARTIZAN_*` variables, then flags.

    Raises Fault with every Diagnostic found, in order of place: "config.unreadable", those of the
    YAML and JSON readers, "config.unknown-key", "config.wrong-value" and kin. Reads `path` and the
    files that `${file:...}` names, nothing else. Cost: some milliseconds.
    """
    flags = {name: getattr(overrides, name) for name in _FLAGS}
    named = {"upstream": overrides.upstream_from}
    reading, value = read_layers(path, flags, environ, ROOT, named)
    config = cast("Config", value)
    state = config.state if "state" in config.given else str(reading.base / config.state)
    return replace(
        config,
        state=state,
        document=reading.document,
        origins=reading.origins,
        warnings=tuple(reading.warnings),
    )
