"""The issuer of tokens that the security schemes of an API document point to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.policy.pointer import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPENID = "/.well-known/openid-configuration"
_OAUTH = "/.well-known/oauth-authorization-server"
# What stands behind the issuer in the URLs of its endpoints, and what takes its place. SOURCE: the
# discovery documents of Keycloak, Microsoft Entra, Okta, Duende and Auth0, in this order.
_ENDPOINTS = (
    (re.compile(r"/protocol/openid-connect/(?:token|auth)$"), ""),
    (re.compile(r"/oauth2/v2\.0/(?:token|authorize)$"), "/v2.0"),
    (re.compile(r"/v1/(?:token|authorize)$"), ""),
    (re.compile(r"/connect/(?:token|authorize)$"), ""),
    (re.compile(r"(?:/oauth2?)?/(?:token|authorize)$"), ""),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """An issuer, and the name of the scheme that tells it. is_sure: it is told, not concluded."""

    issuer: str
    scheme: str
    is_sure: bool


def declared_issuer(document: Mapping[str, object]) -> Declared | None:
    """What the schemes tell, the surest first; None where no scheme has an absolute URL."""
    found = list(_declared(document))
    return next((one for one in found if one.is_sure), found[0] if found else None)


def _declared(document: Mapping[str, object]) -> Iterator[Declared]:
    components = members(document.get("components"))
    schemes = {
        **members(document.get("securityDefinitions")),
        **members(components.get("securitySchemes")),
    }
    for name, written in schemes.items():
        scheme = members(written)
        for key, mark in (("openIdConnectUrl", _OPENID), ("oauth2MetadataUrl", _OAUTH)):
            url = scheme.get(key)
            if isinstance(url, str) and mark in url and _is_absolute(url):
                yield Declared(url.replace(mark, "", 1).rstrip("/"), name, is_sure=True)
        for flow in (scheme, *map(members, members(scheme.get("flows")).values())):
            for key in ("tokenUrl", "authorizationUrl"):
                url = flow.get(key)
                if isinstance(url, str) and _is_absolute(url):
                    yield Declared(_issuer_of(url), name, is_sure=False)


def _issuer_of(url: str) -> str:
    """The issuer behind an endpoint; the origin where its path is not known."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if (parts.hostname or "").endswith(".auth0.com"):
        return f"{origin}/"
    for pattern, instead in _ENDPOINTS:
        path, count = pattern.subn(instead, parts.path)
        if count:
            return f"{origin}{path}"
    return origin


def _is_absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
