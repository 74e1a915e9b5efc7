"""What is done with each keyword of OpenAPI 3.0, 3.1 and 3.2, schemas and security aside."""

from __future__ import annotations

from typing import Any

from tests.documents.rows import ABSENT, OWN, Row, Table, annotation, enforced, reported
from tests.documents.rows_security import SECURITY
from tests.documents.scene3 import (
    ANSWER,
    BODY,
    CONTENT,
    EXAMPLE,
    FIELD,
    FILE,
    GET,
    KEY,
    LINES,
    MIXED,
    MULTIPART,
    NEEDED,
    NOT_ENFORCED,
    OPERATION,
    PART,
    PEOPLE,
    POST,
    PROBE,
    SCHEMES,
    THINGS,
    TOKENS,
    VALUE,
    WITHDRAWN,
)  # fmt: skip
from tests.documents.stage import FORM, JSON, asks, gives, holds, posts, probes

PARTS = '--x\r\nContent-Disposition: form-data; name="value"\r\nContent-Type: text/plain\r\n\r\na\r\n--x--\r\n'
ONE_PART = posts(PARTS, kind=f"{PART}; boundary=x")
TEXT_PART = posts("--x\r\n\r\na\r\n--x--\r\n", kind="multipart/mixed; boundary=x")


def _texts(*words: str, why: str = PEOPLE) -> dict[str, Row]:
    return {word: annotation("a", why) for word in words}


def _urls(*words: str, why: str = TOKENS) -> dict[str, Row]:
    return {word: annotation("https://a.test/", why, instead="https://b.test/") for word in words}


def _methods(*words: str) -> dict[str, Row]:
    return {word: enforced(OPERATION, asks("/v1/others", word.upper())) for word in words}


def _inside(place: str, value: Any, **more: Any) -> Row:
    """It stands in something that is told as a whole."""
    return reported(value, NOT_ENFORCED, told=place, **more)


def _link(value: Any, instead: Any = ABSENT) -> Row:
    return _inside(f"{ANSWER}/links", value, instead=instead)


_REFERRED_KEY = f"{ANSWER}/headers/Probe"
TABLE: Table = {
    **SECURITY,
    "": {
        "openapi": enforced(OWN, instead="4.0.0"),
        "$self": enforced(
            "https://api.test/whole", *holds("ab"),
            given={VALUE: {"$ref": "https://api.test/whole#/components/schemas/Short"}},
        ),
        "info": annotation({"title": "a", "version": "1"}, PEOPLE, instead={"title": "b", "version": "1"}),
        "jsonSchemaDialect": reported(
            "https://example.com/dialect", "description.unrepresentable"
        ),
        "servers": enforced([{"url": "/v2"}], instead=[{"url": "/v1"}]),
        "paths": enforced({"/things": {"get": OPERATION}}, instead={}),
        "webhooks": reported({"a": {"post": OPERATION}}, NOT_ENFORCED),
        "components": enforced(
            {"schemas": {"Short": {"type": "string", "maxLength": 1}}}, *holds("ab"),
            instead={}, given={VALUE: {"$ref": "#/components/schemas/Short"}},
        ),
        "security": enforced([{"s": []}], given={SCHEMES: KEY}),
        "tags": annotation([{"name": "b"}], PEOPLE),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    },
    "info": {
        **_texts("title", "summary", "description", "version"),
        **_urls("termsOfService", why=PEOPLE),
        "contact": annotation({}, PEOPLE),
        "license": annotation({"name": "l"}, PEOPLE),
    },
    "contact": {
        **_texts("name"),
        **_urls("url", why=PEOPLE),
        "email": annotation("ada@api.test", PEOPLE),
    },
    "license": {**_texts("name", "identifier"), **_urls("url", why=PEOPLE)},
    "server": {
        "url": enforced("https://api.test/v1", instead="https://api.test/v2"),
        **_texts("description", "name"),
        "variables": enforced(
            {"v": {"default": "v1"}}, instead={"v": {"default": "v2"}},
            given={"/servers/0/url": "https://api.test/{v}"},
        ),
    },
    "server-variable": {
        "enum": enforced(["v1", "v2"]),
        "default": enforced("v1", instead="v2"),
        **_texts("description"),
    },
    "components": {
        "schemas": enforced(
            {"Short": {"type": "string", "maxLength": 1}}, *holds("ab"), instead={},
            given={VALUE: {"$ref": "#/components/schemas/Short"}},
        ),
        "responses": enforced(
            {"R": {"description": "d"}}, given={ANSWER: {"$ref": "#/components/responses/R"}}
        ),
        "parameters": enforced(
            {"P": NEEDED}, *probes("need=a"), given={PROBE: {"$ref": "#/components/parameters/P"}}
        ),
        "examples": annotation({"E": {}}, EXAMPLE),
        "requestBodies": enforced(
            {"R": {"content": {JSON: {}}}}, given={BODY: {"$ref": "#/components/requestBodies/R"}}
        ),
        "headers": enforced(
            {"H": {"schema": {}}}, given={_REFERRED_KEY: {"$ref": "#/components/headers/H"}}
        ),
        "securitySchemes": enforced(
            KEY, asks("/v1/things", k="x"), given={f"{GET}/security": [{"s": []}]}
        ),
        "links": _inside(
            f"{ANSWER}/links", {"L": {"operationId": "o"}},
            given={f"{ANSWER}/links": {"x": {"$ref": "#/components/links/L"}}},
        ),
        "callbacks": _inside(
            f"{GET}/callbacks", {"C": {}},
            given={f"{GET}/callbacks": {"x": {"$ref": "#/components/callbacks/C"}}},
        ),
        "pathItems": enforced(
            {"P": {"get": OPERATION}}, asks("/v1/others"),
            given={"/paths/~1others": {"$ref": "#/components/pathItems/P"}},
        ),
        "mediaTypes": enforced(
            {"M": {"schema": {"type": "object"}}}, *posts("{}", "1"),
            given={f"{CONTENT}/application~1json": {"$ref": "#/components/mediaTypes/M"}},
        ),
    },
    "path-item": {
        "$ref": enforced("#/paths/~1things", asks("/v1/others")),
        **_texts("summary", "description"),
        "servers": enforced([{"url": "/v2"}], at=THINGS),
        "parameters": enforced([NEEDED], at=THINGS),
        **_methods("get", "put", "post", "delete", "options", "head", "patch", "query"),
        "trace": reported(OPERATION, "description.unrepresentable"),
        "additionalOperations": enforced({"PURGE": OPERATION}, asks("/v1/others", "PURGE")),
    },
    "operation": {
        "tags": annotation(["a"], PEOPLE),
        **_texts("summary", "description"),
        "operationId": annotation("things", "a name for tools; ours are method and path"),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
        "parameters": enforced([NEEDED]),
        "requestBody": enforced({"content": {JSON: {}}}, at=POST),
        "responses": enforced(
            {"200": {"description": "d"}}, instead={"default": {"description": "d"}}
        ),
        "callbacks": reported({"c": {"{$url}": {"post": OPERATION}}}, NOT_ENFORCED),
        "deprecated": annotation(True, WITHDRAWN),
        "security": enforced([{"s": []}], given={SCHEMES: KEY}),
        "servers": enforced([{"url": "/v2"}]),
    },
    "external-documentation": {**_texts("description"), **_urls("url", why=PEOPLE)},
    "parameter": {
        "name": enforced("probe", *probes("probe=ab"), instead="other"),
        "in": enforced("query", *probes("probe=ab"), instead="header"),
        **_texts("description"),
        "required": enforced(True),
        "deprecated": annotation(True, WITHDRAWN),
        "allowEmptyValue": enforced(
            True, given={f"{PROBE}/schema": {"type": "string", "minLength": 1}}
        ),
        "schema": enforced({"type": "integer"}, instead={"type": "string"}),
        "content": enforced(
            {JSON: {"schema": {"type": "integer"}}}, *probes("probe=%22a%22", "probe=1"),
            instead={JSON: {}}, given={PROBE: {"name": "probe", "in": "query"}},
        ),
        "style": enforced(
            "pipeDelimited", *probes("probe=a%7Cb"), given={f"{PROBE}/explode": False}
        ),
        "explode": enforced(False, *probes("probe=a,b")),
        "allowReserved": annotation(True, "reserved characters are read alike, encoded or not"),
        "example": annotation("a", EXAMPLE),
        "examples": annotation({"x": {}}, EXAMPLE),
    },
    "request-body": {
        **_texts("description"),
        "content": enforced({JSON: {}}, instead={"text/plain": {}}),
        "required": enforced(True),
    },
    "media-type": {
        **_texts("description"),
        "schema": enforced({"type": "string"}, *posts('"a"')),
        "itemSchema": enforced(
            {"type": "string"}, *posts("1\n", kind="application/jsonl"),
            at=f"{CONTENT}/application~1jsonl", given=LINES,
        ),
        "encoding": enforced(
            {"value": {"style": "pipeDelimited", "explode": False}},
            *posts("value=a%7Cb", kind=FORM), at=f"{CONTENT}/application~1x-www-form-urlencoded",
        ),
        "prefixEncoding": enforced(
            [{"contentType": "image/png"}], *TEXT_PART,
            at=f"{CONTENT}/multipart~1mixed", given=MIXED,
        ),
        "itemEncoding": enforced(
            {"contentType": "image/png"}, *TEXT_PART,
            at=f"{CONTENT}/multipart~1mixed", given=MIXED,
        ),
        "example": annotation({"value": 1}, EXAMPLE),
        "examples": annotation({"x": {}}, EXAMPLE),
    },
    "encoding": {
        "contentType": enforced("image/png", *ONE_PART, at=FILE, given=MULTIPART),
        "headers": enforced(
            {"X-A": {"required": True, "schema": {}}}, *ONE_PART, at=FILE, given=MULTIPART
        ),
        "style": enforced(
            "pipeDelimited", *posts("value=a%7Cb", kind=FORM), given={FIELD: {"explode": False}}
        ),
        "explode": enforced(False, *posts("value=a,b", kind=FORM)),
        "allowReserved": annotation(True, "reserved characters are read alike, encoded or not"),
        "encoding": reported({"a": {}}, NOT_ENFORCED, at=FILE, given=MULTIPART),
        "prefixEncoding": reported([{}], NOT_ENFORCED, at=FILE, given=MULTIPART),
        "itemEncoding": reported({"style": "form"}, NOT_ENFORCED, at=FILE, given=MULTIPART),
    },
    "responses": {"default": enforced({"description": "d"})},
    "response": {
        **_texts("summary", "description"),
        "headers": enforced({"Probe": {"schema": {"type": "integer"}}}),
        "content": enforced({JSON: {"schema": {"type": "string"}}}, *gives("1")),
        "links": reported({"x": {"operationId": "o"}}, NOT_ENFORCED),
    },
    "example": {
        **_texts("summary", "description", "serializedValue", why=EXAMPLE),
        "value": annotation(1, EXAMPLE),
        "dataValue": annotation(1, EXAMPLE),
        "externalValue": annotation("https://api.test/a", EXAMPLE),
    },
    "link": {
        "operationId": _link("o", "p"),
        "operationRef": _inside(
            f"{ANSWER}/links", "#/paths/~1things/get",
            given={f"{ANSWER}/links": {"x": {}}},
        ),
        "parameters": _link({"a": "b"}),
        "requestBody": _link("a"),
        "description": _link("a"),
        "server": _link({"url": "/"}),
        "body": _link({"url": "/"}),
    },
    "header": {
        **_texts("description"),
        "required": enforced(True, *gives('{"value": "a"}')),
        "deprecated": annotation(True, WITHDRAWN),
        "schema": enforced({"type": "integer"}, instead={"type": "string"}),
        "content": enforced(
            {JSON: {"schema": {"type": "integer"}}}, *gives('{"value": "a"}', probe='"a"'),
            instead={JSON: {}}, given={f"{ANSWER}/headers/Probe": {}},
        ),
        "style": annotation("simple", "headers have no other style"),
        "explode": enforced(
            True, *gives('{"value": "a"}', probe="a=1"),
            given={f"{ANSWER}/headers/Probe/schema": {"type": "object", "required": ["a"]}},
        ),
        "allowEmptyValue": annotation(True, "it is of query parameters alone"),
        "allowReserved": annotation(True, "it is of query parameters alone"),
        "example": annotation("a", EXAMPLE),
        "examples": annotation({"x": {}}, EXAMPLE),
    },
    "tag": {
        **_texts("name", "summary", "description", "parent", "kind"),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    },
    "reference": {
        "$ref": enforced(
            "#/components/parameters/P", instead="#/components/parameters/Q"
        ),
        **_texts("summary", "description"),
    },
}  # fmt: skip
