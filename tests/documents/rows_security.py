"""What is done with each keyword of the security schemes of OpenAPI 3."""

from __future__ import annotations

from typing import Any

from tests.documents.rows import Row, Table, annotation, enforced
from tests.documents.scene3 import FLOW, NEEDS_KEY, OAUTH, PEOPLE, SCHEMES, TOKENS, WITHDRAWN
from tests.documents.stage import asks


def _flow(name: str, *urls: str) -> dict[str, Row]:
    flow = {"scopes": {}, **dict.fromkeys(urls, "https://id.test/")}
    more: dict[str, Any] = {
        "at": f"{SCHEMES}/s/flows/{name}",
        "given": {**OAUTH, f"{SCHEMES}/s/flows": {name: flow}},
    }
    rows = {
        url: annotation("https://a.test/", TOKENS, instead="https://b.test/", **more)
        for url in urls
    }
    rows["refreshUrl"] = annotation("https://a.test/", TOKENS, **more)
    scopes = "which scopes an operation needs stands in its `security`"
    return {**rows, "scopes": annotation({"read": "d"}, scopes, instead={}, **more)}


def _scheme(value: Any, instead: Any, *sends: Any, **parts: Any) -> Row:
    scheme = {"s": {"type": "apiKey", "name": "k", "in": "header", **parts}}
    return enforced(value, *sends, instead=instead, given={**NEEDS_KEY, SCHEMES: scheme})


_HTTP = {**NEEDS_KEY, SCHEMES: {"s": {"type": "http", "scheme": "bearer"}}}
_OPENID = {SCHEMES: {"s": {"type": "openIdConnect", "openIdConnectUrl": "https://id.test/"}}}
_SCHEME: dict[str, Row] = {
    "type": _scheme("apiKey", "mutualTLS", asks("/v1/things", k="x")),
    "description": annotation("a", PEOPLE),
    "name": _scheme("k", "other", asks("/v1/things", k="x")),
    "in": _scheme("header", "query", asks("/v1/things", k="x")),
    "scheme": enforced(
        "basic", asks("/v1/things", authorization="Basic YTpi"), instead="bearer", given=_HTTP
    ),
    "bearerFormat": annotation("JWT", "a hint to people; tokens are verified as JWT", given=_HTTP),
    "flows": annotation({"authorizationCode": FLOW}, TOKENS, instead={}, given=OAUTH),
    "openIdConnectUrl": annotation(
        "https://a.test/", TOKENS, instead="https://b.test/", given=_OPENID
    ),
    "oauth2MetadataUrl": annotation("https://a.test/", TOKENS, given=OAUTH),
    "deprecated": annotation(True, WITHDRAWN),
}


def _only(*words: str) -> dict[str, Row]:
    return {word: _SCHEME[word] for word in words}


_TYPE_OF = {
    "HTTPSecurityScheme": enforced(
        "http", asks("/v1/things", authorization="Bearer a"), instead="mutualTLS", given=_HTTP
    ),
    "OAuth2SecurityScheme": enforced(
        "oauth2", asks("/v1/things", authorization="Bearer a"), instead="mutualTLS",
        given={**NEEDS_KEY, SCHEMES: {"s": {"type": "oauth2", "flows": {}}}},
    ),
    "OpenIdConnectSecurityScheme": enforced(
        "openIdConnect", asks("/v1/things", authorization="Bearer a"), instead="mutualTLS",
        given={**NEEDS_KEY, **_OPENID},
    ),
}  # fmt: skip
_DESCRIBED = {
    "HTTPSecurityScheme": _HTTP,
    "OAuth2SecurityScheme": OAUTH,
    "OpenIdConnectSecurityScheme": _OPENID,
}


def _kind(name: str, *words: str) -> dict[str, Row]:
    """A security scheme of 3.0, whose meta-schema has an object for each type."""
    described = annotation("a", PEOPLE, given=_DESCRIBED[name])
    return {"type": _TYPE_OF[name], "description": described, **_only(*words)}


SECURITY: Table = {
    "security-scheme": _SCHEME,
    "APIKeySecurityScheme": _only("type", "description", "name", "in"),
    "HTTPSecurityScheme": _kind("HTTPSecurityScheme", "scheme", "bearerFormat"),
    "OAuth2SecurityScheme": _kind("OAuth2SecurityScheme", "flows"),
    "OpenIdConnectSecurityScheme": _kind("OpenIdConnectSecurityScheme", "openIdConnectUrl"),
    "oauth-flows": {
        "implicit": annotation({"authorizationUrl": "https://id.test/", "scopes": {}}, TOKENS),
        "password": annotation({"tokenUrl": "https://id.test/", "scopes": {}}, TOKENS),
        "clientCredentials": annotation({"tokenUrl": "https://id.test/", "scopes": {}}, TOKENS),
        "authorizationCode": annotation(FLOW, TOKENS),
        "deviceAuthorization": annotation(
            {"deviceAuthorizationUrl": "https://id.test/", "tokenUrl": "https://id.test/", "scopes": {}},
            TOKENS,
        ),
    },
    "implicit": _flow("implicit", "authorizationUrl"),
    "password": _flow("password", "tokenUrl"),
    "client-credentials": _flow("clientCredentials", "tokenUrl"),
    "authorization-code": _flow("authorizationCode", "authorizationUrl", "tokenUrl"),
    "device-authorization": _flow("deviceAuthorization", "deviceAuthorizationUrl", "tokenUrl"),
}  # fmt: skip
