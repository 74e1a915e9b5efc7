"""Config keys of `apis:`: several APIs behind one gateway, told apart by host and path prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.policy.forms import Base, PathText, Url
from bartizan.policy.kinds import Flag, ListOf, Text
from bartizan.policy.overlay_entries import Overlay, overlays_key
from bartizan.policy.reading import below
from bartizan.policy.records import Settings, key, settings
from bartizan.policy.suggest import hint as suggested

if TYPE_CHECKING:
    from bartizan.policy.auth_keys import Issuer
    from bartizan.policy.reading import Reading

_HOST = r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?"
HOSTS = ListOf(
    Text("a host, as in `api.example.com` or `api.example.com:8443`", _HOST), single=True
)
UPSTREAM = Url(("http",), bare=True)


def openapi_key(example: str) -> Any:
    """`openapi`: of the only API, and of each entry of `apis`."""
    return key(
        PathText(urls=True, words=("auto",)),
        "Its OpenAPI document: a file, a URL, or `auto` to look in the usual places.",
        example=example,
        default="auto",
    )


def base_path_key() -> Any:
    """`base_path`: of the only API, and of each entry of `apis`."""
    return key(
        Base(),
        "Path before every operation; that of the document's servers unless written.",
        example="/v1",
        default=None,
    )


@settings
class Api(Settings):
    """One API behind the gateway."""

    name: str = key(
        Text("a short name, as in `shop`", r"[a-z0-9][a-z0-9-]{0,31}"),
        "Short name; operations are called `NAME:METHOD /path`.",
        example="shop",
    )
    hosts: tuple[str, ...] = key(
        HOSTS, "Hosts that name it; any unless written.", example=["shop.example.com"], default=()
    )
    prefix: str = key(
        Text("a path, as in `/shop`", r"(/[A-Za-z0-9._~-]+)+"),
        "Path that all its requests begin with; any path unless written.",
        example="/shop",
        default="",
    )
    strip_prefix: bool = key(
        Flag(), "Ask the API without the prefix, which its document does not name.",
        example=True, default=False,
    )  # fmt: skip
    upstream: str = key(
        UPSTREAM,
        "Address of the API; the common `upstream` unless written.",
        example="http://127.0.0.1:8001",
        default="",
    )
    audience: tuple[str, ...] = key(
        ListOf(Text(), single=True, least=1),
        "Of the `aud` values that an issuer may name, those of this API; a token for another API "
        "of the same issuer is refused. Any unless written.",
        example=["shop"],
        default=(),
    )
    openapi: str = openapi_key("shop.yaml")
    base_path: tuple[str, ...] | None = base_path_key()
    overlays: tuple[Overlay, ...] = overlays_key()

    def check(self, reading: Reading) -> None:
        """Only a prefix that is written can be stripped."""
        if self.strip_prefix and not self.prefix:
            at = below(self.pointer, "strip_prefix")
            reading.report(at, "config.conflict", "there is no `prefix` to strip", value=False)

    def covers(self, path: str) -> bool:
        """Whether a public path or template lies below the prefix."""
        return not self.prefix or path == self.prefix or path.startswith(f"{self.prefix}/")


def check_apis(apis: tuple[Api, ...], reading: Reading) -> None:
    """Names are unique, and no request fits two entries alike."""
    for index, one in enumerate(apis):
        for other in apis[:index]:
            if one.name == other.name:
                at = below(one.pointer, "name")
                message = f"two APIs are called `{one.name}`"
                reading.report(at, "config.duplicate", message)
            if _overlap(one, other):
                word = "prefix" if one.prefix else ("hosts" if one.hosts else "name")
                message = f"`{one.name}` fits the same requests as `{other.name}`"
                hint = "give one of them another `prefix` or other `hosts`"
                at = below(one.pointer, word)
                reading.report(at, "config.conflict", message, hint=hint, value=False)


def check_believed(apis: tuple[Api, ...], issuers: tuple[Issuer, ...], reading: Reading) -> None:
    """What issuers and entries say of each other is there: names, and audiences that are taken."""
    names = {one.name for one in apis}
    for issuer in issuers:
        for index, name in enumerate(issuer.apis):
            if name not in names:
                at = below(below(issuer.pointer, "apis"), index)
                message = f"no entry of `apis` is called `{name}`"
                reading.report(at, "config.unknown-word", message, hint=suggested(name, names))
    for one in apis:
        own = [issuer for issuer in issuers if not issuer.apis or one.name in issuer.apis]
        listed = {word for issuer in own for word in issuer.audiences}
        for index, word in enumerate(one.audience):
            if word not in listed and not any(each.audience_rule == "any" for each in own):
                at = below(below(one.pointer, "audience"), index)
                message = f"no issuer that `{one.name}` believes accepts the audience `{word}`"
                hint = "add it to the `audiences` of the issuer"
                reading.report(at, "config.conflict", message, hint=hint)


def _overlap(one: Api, other: Api) -> bool:
    if one.prefix != other.prefix:
        return False
    ours, theirs = ({host.lower() for host in api.hosts} for api in (one, other))
    return bool(ours & theirs) or not (ours or theirs)
