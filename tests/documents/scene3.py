"""The document of OpenAPI 3 in which each keyword is shown, and where it holds what."""

from __future__ import annotations

from typing import Any

from tests.documents.stage import FORM, JSON

THINGS = "/paths/~1things"
GET, POST = f"{THINGS}/get", f"{THINGS}/post"
BODY = f"{POST}/requestBody"
CONTENT = f"{BODY}/content"
VALUE = f"{CONTENT}/application~1json/schema/properties/value"
ANSWER = f"{GET}/responses/200"
PROBE = f"{GET}/parameters/0"
PART = "multipart/form-data"
SCHEMES = "/components/securitySchemes"
FLOW = {"authorizationUrl": "https://id.test/a", "tokenUrl": "https://id.test/t", "scopes": {}}
NOT_ENFORCED = "description.not-enforced"

PEOPLE = "people read it; it says nothing about messages"
EXAMPLE = "it shows a value and asks for none"
WITHDRAWN = "it still works: a deprecated part is one to leave, not one that is refused"
TOKENS = "it tells clients where tokens come from; whom we believe stands in the config"
PREFIX = "writers of XML choose prefixes; readers go by the namespace"


def base(version: str) -> Any:
    """A document that holds an object of most kinds."""
    ones = {"type": "array", "items": {"type": "string", "maxLength": 1}}
    probe = {"name": "probe", "in": "query", "schema": ones}
    answer = {
        "description": "d",
        "headers": {"Probe": {"schema": ones}},
        "content": {
            JSON: {"schema": {"type": "object", "properties": {"value": {"type": "string"}}}}
        },
    }
    form = {"schema": {"type": "object", "properties": {"value": ones}}, "encoding": {"value": {}}}
    sent = {JSON: {"schema": {"type": "object", "properties": {"value": {}}}}, FORM: form}
    return {
        "openapi": f"{version}.0",
        "info": {"title": "t", "version": "1", "contact": {}, "license": {"name": "l"}},
        "servers": [{"url": "https://api.test/v1"}],
        "tags": [{"name": "a"}],
        "externalDocs": {"url": "https://api.test/"},
        "paths": {
            "/things": {
                "get": {"parameters": [probe], "responses": {"200": answer}},
                "post": {
                    "requestBody": {"content": sent},
                    "responses": {"default": {"description": "d"}},
                },
            },
            "/others": {},
        },
        "components": {"schemas": {"Short": {"type": "string", "maxLength": 1}, "B": {}}},
    }


OPERATION = {"responses": {"default": {"description": "d"}}}
KEY = {"s": {"type": "apiKey", "name": "k", "in": "header"}}
NEEDS_KEY = {SCHEMES: KEY, f"{GET}/security": [{"s": []}]}
NEEDED = {"name": "need", "in": "query", "required": True, "schema": {"type": "string"}}
OAUTH = {SCHEMES: {"s": {"type": "oauth2", "flows": {}}}}
EXAMPLES: dict[str, Any] = {f"{PROBE}/examples": {"x": {}}}
LINKS = {f"{ANSWER}/links": {"x": {"operationId": "o"}}}
VARIABLE = {"/servers/0": {"url": "https://api.test/{v}", "variables": {"v": {"default": "v1"}}}}
REFERENCE = {
    PROBE: {"$ref": "#/components/parameters/P"},
    "/components/parameters": {"P": NEEDED, "Q": {"name": "q", "in": "query", "schema": {}}},
}
MULTIPART = {
    f"{CONTENT}/multipart~1form-data": {
        "schema": {"type": "object", "properties": {"value": {"type": "string"}}},
        "encoding": {"value": {}},
    }
}
FIELD = f"{CONTENT}/application~1x-www-form-urlencoded/encoding/value"
FILE = f"{CONTENT}/multipart~1form-data/encoding/value"
MIXED: dict[str, Any] = {f"{CONTENT}/multipart~1mixed": {"itemSchema": {}}}
LINES: dict[str, Any] = {f"{CONTENT}/application~1jsonl": {}}

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("", {}),
    "info": ("/info", {}),
    "contact": ("/info/contact", {}),
    "license": ("/info/license", {}),
    "server": ("/servers/0", {}),
    "server-variable": ("/servers/0/variables/v", VARIABLE),
    "components": ("/components", {}),
    "path-item": ("/paths/~1others", {}),
    "operation": (GET, {}),
    "external-documentation": ("/externalDocs", {}),
    "parameter": (PROBE, {}),
    "request-body": (BODY, {}),
    "media-type": (f"{CONTENT}/application~1json", {}),
    "encoding": (FIELD, {}),
    "responses": (f"{GET}/responses", {}),
    "response": (ANSWER, {}),
    "example": (f"{PROBE}/examples/x", EXAMPLES),
    "link": (f"{ANSWER}/links/x", LINKS),
    "header": (f"{ANSWER}/headers/Probe", {}),
    "tag": ("/tags/0", {}),
    "reference": (PROBE, REFERENCE),
    "security-scheme": (f"{SCHEMES}/s", NEEDS_KEY),
    **dict.fromkeys(
        (
            "APIKeySecurityScheme",
            "HTTPSecurityScheme",
            "OAuth2SecurityScheme",
            "OpenIdConnectSecurityScheme",
        ),
        (f"{SCHEMES}/s", NEEDS_KEY),
    ),
    "oauth-flows": (f"{SCHEMES}/s/flows", OAUTH),
}
"""Where an object of each kind stands, and what both documents hold for it."""
