"""The fields of each object of OpenAPI 3, by version."""

from __future__ import annotations

import re
from collections.abc import Mapping

VERSIONS = ("3.0", "3.1", "3.2")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Methods that a path item names by a field of its own, in every version."""

STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""Styles by place, in every version; 3.2 adds `cookie`."""

_SINCE: Mapping[str, Mapping[str, str]] = {
    "document": {
        "3.0": "openapi info servers paths components security tags externalDocs",
        "3.1": "webhooks jsonSchemaDialect",
        "3.2": "$self",
    },
    "info": {"3.0": "title description termsOfService contact license version", "3.1": "summary"},
    "components": {
        "3.0": "schemas responses parameters examples requestBodies headers securitySchemes links "
        "callbacks",
        "3.1": "pathItems",
        "3.2": "mediaTypes",
    },
    "server": {"3.0": "url description variables", "3.2": "name"},
    "path item": {
        "3.0": "$ref summary description servers parameters " + " ".join(METHODS),
        "3.2": "query additionalOperations",
    },
    "operation": {
        "3.0": "tags summary description externalDocs operationId parameters requestBody responses "
        "callbacks deprecated security servers",
    },
    "parameter": {
        "3.0": "name in description required deprecated allowEmptyValue style explode "
        "allowReserved schema example examples content",
    },
    "header": {
        "3.0": "description required deprecated style explode allowReserved schema example "
        "examples content allowEmptyValue",
    },
    "request body": {"3.0": "description content required"},
    "media type": {
        "3.0": "schema example examples encoding",
        "3.2": "description itemSchema prefixEncoding itemEncoding",
    },
    "encoding": {
        "3.0": "contentType headers style explode allowReserved",
        "3.2": "encoding prefixEncoding itemEncoding",
    },
    "response": {"3.0": "description headers content links", "3.2": "summary"},
    "security scheme": {
        "3.0": "type description name in scheme bearerFormat flows openIdConnectUrl",
        "3.2": "oauth2MetadataUrl deprecated",
    },
    "oauth flows": {
        "3.0": "implicit password clientCredentials authorizationCode",
        "3.2": "deviceAuthorization",
    },
}


def fields_of(what: str, version: str) -> frozenset[str]:
    """Names of the fields that the object `what` has in `version`."""
    reached = VERSIONS[: VERSIONS.index(version) + 1]
    table = _SINCE[what]
    return frozenset(" ".join(table.get(one, "") for one in reached).split())


def styles_of(place: str, version: str) -> tuple[str, ...]:
    """Styles that a parameter may have at `place`."""
    return (*STYLES[place], "cookie") if (place, version) == ("cookie", "3.2") else STYLES[place]


_DIALECT = re.compile(
    r"https://json-schema\.org/draft/2020-12/schema|"
    r"https://spec\.openapis\.org/oas/3\.[12]/dialect/[a-z0-9-]+"
)


def is_known_dialect(uri: str) -> bool:
    """Whether `uri` names JSON Schema 2020-12, or it with the words of OpenAPI."""
    return _DIALECT.fullmatch(uri.removesuffix("#")) is not None
