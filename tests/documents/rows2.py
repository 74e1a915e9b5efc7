"""What is done with each keyword of OpenAPI 2.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from tests.documents.rows import OWN, Row, Table, annotation, enforced, reported
from tests.documents.rows_schema import COMMON, XML_SCHEMA, xml_rows
from tests.documents.rows_schema import XML as XML_TYPE
from tests.documents.scene3 import EXAMPLE, PEOPLE, TOKENS, WITHDRAWN
from tests.documents.stage import FORM, JSON, Sent, asks, gives, holds, posts, probes

GET, POST, FILL, WAY = (
    f"/paths/{path}"
    for path in ("~1things/get", "~1things/post", "~1form/post", "~1p~1{probe}/get")
)
ANSWER = f"{GET}/responses/200"
PROBE = f"{GET}/parameters/0"
VALUE = f"{POST}/parameters/0/schema/properties/value"
SCHEMES = "/securityDefinitions"
CONFIGURED = "a gateway answers at its own addresses; its config names them"
FILE = "a file is bytes of any kind"
LISTS = "description.unrepresentable"
OPERATION = {"responses": {"default": {"description": "d"}}}
NEEDED = {"name": "need", "in": "query", "required": True, "type": "string"}
ONES = {"type": "array", "items": {"type": "string", "maxLength": 1}}


def base() -> Any:
    """A document that holds an object of most kinds."""
    answer = {
        "description": "d",
        "headers": {"Probe": ONES},
        "schema": {"type": "object", "properties": {"value": {"type": "string"}}},
    }
    whole = {"type": "object", "properties": {"value": {}}}
    body = {"name": "b", "in": "body", "schema": whole}
    probe = {"name": "probe", "type": "string"}
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1", "contact": {}, "license": {"name": "l"}},
        "basePath": "/v1",
        "consumes": [JSON, FORM],
        "produces": [JSON],
        "tags": [{"name": "a"}],
        "externalDocs": {"url": "https://api.test/"},
        "paths": {
            "/things": {
                "get": {"parameters": [{**probe, "in": "query"}], "responses": {"200": answer}},
                "post": {"parameters": [body], **OPERATION},
            },
            "/form": {"post": {"parameters": [{**probe, "in": "formData"}], **OPERATION}},
            "/p/{probe}": {
                "get": {"parameters": [{**probe, "in": "path", "required": True}], **OPERATION}
            },
            "/others": {},
        },
        "definitions": {"Short": {"type": "string", "maxLength": 1}},
    }


KEY = {"s": {"type": "apiKey", "name": "k", "in": "header"}}
NEEDS: dict[str, Any] = {f"{GET}/security": [{"s": []}]}
NEEDS_KEY = {**NEEDS, SCHEMES: KEY}
NEEDS_BASIC = {**NEEDS, SCHEMES: {"s": {"type": "basic"}}}
DOCS = {f"{VALUE}/externalDocs": {"url": "https://b.test/"}}
XML: dict[str, Any] = {
    "/consumes": [JSON, FORM, XML_TYPE],
    f"{POST}/parameters/0/schema": XML_SCHEMA,
}
FILE_SCHEMA = {f"{ANSWER}/schema": {"type": "file"}}
ITEMS = {PROBE: {"name": "probe", "in": "query", "type": "array", "items": {"type": "string"}}}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("", {}),
    "info": ("/info", {}),
    "contact": ("/info/contact", {}),
    "license": ("/info/license", {}),
    "externalDocs": ("/externalDocs", {}),
    "tag": ("/tags/0", {}),
    "operation": (GET, {}),
    "pathItem": ("/paths/~1others", {}),
    "response": (ANSWER, {}),
    "header": (f"{ANSWER}/headers/Probe", {}),
    "bodyParameter": (f"{POST}/parameters/0", {}),
    "queryParameterSubSchema": (PROBE, {}),
    "headerParameterSubSchema": (PROBE, {f"{PROBE}/in": "header"}),
    "pathParameterSubSchema": (f"{WAY}/parameters/0", {}),
    "formDataParameterSubSchema": (f"{FILL}/parameters/0", {}),
    "primitivesItems": (f"{PROBE}/items", ITEMS),
    "schema": (VALUE, {}),
    "fileSchema": (f"{ANSWER}/schema", FILE_SCHEMA),
    "xml": (f"{VALUE}/xml", XML),
    "jsonReference": (PROBE, {PROBE: {"$ref": "#/parameters/P"}, "/parameters": {"P": NEEDED}}),
    "basicAuthenticationSecurity": (f"{SCHEMES}/s", NEEDS_BASIC),
    "apiKeySecurity": (f"{SCHEMES}/s", NEEDS_KEY),
}


def _texts(*words: str, why: str = PEOPLE) -> dict[str, Row]:
    return {word: annotation("a", why, instead="b") for word in words}


def _url(why: str, **more: Any) -> Row:
    return annotation("https://a.test/", why, instead="https://b.test/", **more)


def _methods(*words: str) -> dict[str, Row]:
    return {word: enforced(OPERATION, asks("/v1/others", word.upper())) for word in words}


# ---- values: parameters, headers and items ----------------------------------------------------

Wire = Callable[[str], tuple[Sent, ...]]
"""How a text travels."""
_LIST = {"type": "array", "items": {"type": "string"}}
_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}
_VALUES: Mapping[str, tuple[Any, dict[str, Any], str]] = {
    "format": ("date", _TEXT, "a"),
    "items": ({"type": "string", "maxLength": 1}, _LIST, "ab"),
    "collectionFormat": (
        "pipes",
        {"type": "array", "items": {"type": "string", "maxLength": 1}},
        "a|b",
    ),
    "maximum": (2, _NUMBER, "3"),
    "exclusiveMaximum": (True, {**_NUMBER, "maximum": 2}, "2"),
    "minimum": (2, _NUMBER, "1"),
    "exclusiveMinimum": (True, {**_NUMBER, "minimum": 2}, "2"),
    "maxLength": (1, _TEXT, "ab"),
    "minLength": (2, _TEXT, "a"),
    "pattern": ("^b", _TEXT, "a"),
    "maxItems": (1, _LIST, "a,b"),
    "minItems": (2, _LIST, "a"),
    "uniqueItems": (True, _LIST, "a,a"),
    "enum": (["b"], _TEXT, "a"),
    "multipleOf": (2, _NUMBER, "3"),
}
"""By keyword: its value, what stands beside it, and a text that it refuses or lets pass."""


def _values(place: str, about: Mapping[str, Any], wire: Wire) -> dict[str, Row]:
    """The keywords of a value that travels as text. about: what the object says besides."""
    rows = {
        "type": enforced(
            "integer", *wire("a"), instead="string", given={place: {**about, **_TEXT}}
        ),
        "default": annotation(
            "a", "a value that the API takes where none is sent", given={place: {**about, **_TEXT}}
        ),
    }
    for word, (value, beside, text) in _VALUES.items():
        more = {"instead": {"type": "string"}} if word == "items" else {}
        rows[word] = enforced(value, *wire(text), given={place: {**about, **beside}}, **more)
    return rows


def _parameter(place: str, kind: str, elsewhere: str, wire: Wire) -> dict[str, Row]:
    about = {"name": "probe", "in": kind, **({"required": True} if kind == "path" else {})}
    number = {place: {**about, "type": "integer"}}
    required = enforced(True, given={place: {**about, **_TEXT}}, instead=False)
    return {
        **_values(place, about, wire),
        **_texts("description"),
        "name": enforced("probe", *wire("a"), instead="other", given=number),
        "in": enforced(kind, *wire("a"), instead=elsewhere, given=number),
        "required": required,
    }


def _query(text: str) -> tuple[Sent, ...]:
    return probes(f"probe={quote(text, safe=',')}")


def _header(text: str) -> tuple[Sent, ...]:
    return (asks("/v1/things", probe=text),)


def _path(text: str) -> tuple[Sent, ...]:
    return (asks(f"/v1/p/{quote(text, safe=',')}"),)


def _form(text: str) -> tuple[Sent, ...]:
    return posts(f"probe={quote(text, safe=',')}", kind=FORM, target="/v1/form")


def _answer(text: str) -> tuple[Sent, ...]:
    return gives('{"value": "a"}', probe=text)


def _of_items() -> dict[str, Row]:
    """Items are values like parameters, but for lists of lists, which are told."""
    about = dict(ITEMS[PROBE])
    rows: dict[str, Row] = {}
    for word, (value, beside, text) in _VALUES.items():
        given = {PROBE: {**about, "items": beside}}
        if beside["type"] == "array":
            rows[word] = reported(value, LISTS, told=f"{PROBE}/items", given=given)
        else:
            rows[word] = enforced(value, *_query(text), given=given)
    rows["type"] = enforced("integer", *_query("a"), instead="string")
    rows["default"] = annotation("a", "a value that the API takes where none is sent")
    return rows


# ---- security -----------------------------------------------------------------------------------


def _oauth(flow: str, *urls: str) -> dict[str, Row]:
    scheme = {"type": "oauth2", "flow": flow, **dict.fromkeys(urls, "https://id.test/")}
    more: dict[str, Any] = {"at": f"{SCHEMES}/s", "given": {**NEEDS, SCHEMES: {"s": scheme}}}
    scopes = "which scopes an operation needs stands in its `security`"
    other = "password" if flow != "password" else "implicit"
    return {
        "type": enforced(
            "oauth2", asks("/v1/things", authorization="Bearer a"), instead="basic", **more
        ),
        "flow": annotation(flow, TOKENS, instead=other, **more),
        "scopes": annotation({"read": "d"}, scopes, **more),
        "description": annotation("a", PEOPLE, **more),
        **{url: _url(TOKENS, **more) for url in urls},
    }


_BASIC = asks("/v1/things", authorization="Basic YTpi")
_FILE_TEXTS = ("format", "title", "description", "default", "example")
TABLE: Table = {
    "": {
        "swagger": enforced(OWN, instead="1.2"),
        "info": annotation({"title": "a", "version": "1"}, PEOPLE, instead={"title": "b", "version": "1"}),
        "host": annotation("api.test", CONFIGURED),
        "schemes": annotation(["https"], CONFIGURED),
        "basePath": enforced("/v2", instead="/v1"),
        "consumes": enforced(["text/plain"], instead=[JSON]),
        "produces": enforced(["text/plain"], instead=[JSON]),
        "paths": enforced({"/things": {"get": OPERATION}}, instead={}),
        "definitions": enforced(
            {"Short": {"type": "string", "maxLength": 1}}, *holds("ab"), instead={},
            given={VALUE: {"$ref": "#/definitions/Short"}},
        ),
        "parameters": enforced({"P": NEEDED}, given={PROBE: {"$ref": "#/parameters/P"}}),
        "responses": enforced(
            {"R": {"description": "d"}}, given={ANSWER: {"$ref": "#/responses/R"}}
        ),
        "security": enforced([{"s": []}], given={SCHEMES: KEY}),
        "securityDefinitions": enforced(KEY, asks("/v1/things", k="x"), given=NEEDS),
        "tags": annotation([{"name": "b"}], PEOPLE),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    },
    "info": {
        **_texts("title", "description", "version", "termsOfService"),
        "contact": annotation({}, PEOPLE),
        "license": annotation({"name": "l"}, PEOPLE),
    },
    "contact": {**_texts("name"), "url": _url(PEOPLE), "email": annotation("ada@api.test", PEOPLE)},
    "license": {**_texts("name"), "url": _url(PEOPLE)},
    "externalDocs": {**_texts("description"), "url": _url(PEOPLE)},
    "tag": {
        **_texts("name", "description"),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    },
    "pathItem": {
        "$ref": enforced("#/paths/~1things", asks("/v1/others")),
        **_methods("get", "put", "post", "delete", "options", "head", "patch"),
        "parameters": enforced([NEEDED], at="/paths/~1things"),
    },
    "operation": {
        "tags": annotation(["a"], PEOPLE),
        **_texts("summary", "description"),
        "operationId": annotation("things", "a name for tools; ours are method and path"),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
        "consumes": enforced(["text/plain"], at=POST),
        "produces": enforced(["text/plain"]),
        "parameters": enforced([NEEDED]),
        "responses": enforced(
            {"200": {"description": "d"}}, instead={"default": {"description": "d"}}
        ),
        "schemes": annotation(["https"], CONFIGURED),
        "deprecated": annotation(True, WITHDRAWN),
        "security": enforced([{"s": []}], given={SCHEMES: KEY}),
    },
    "response": {
        **_texts("description"),
        "schema": enforced({"type": "string"}, *gives("1")),
        "headers": enforced({"Probe": {"type": "integer"}}),
        "examples": annotation({JSON: {}}, EXAMPLE),
    },
    "header": {
        **_values(f"{ANSWER}/headers/Probe", {}, _answer),
        **_texts("description"),
    },
    "bodyParameter": {
        **_texts("description"),
        "name": annotation("a", "a body has no name on its way", instead="b"),
        "in": enforced("body", *holds("a"), instead="query"),
        "required": enforced(True),
        "schema": enforced({"type": "string"}, *holds("a"), instead={}),
    },
    "queryParameterSubSchema": {
        **_parameter(PROBE, "query", "header", _query),
        "allowEmptyValue": enforced(
            True, given={PROBE: {"name": "probe", "in": "query", **_TEXT, "minLength": 1}}
        ),
    },
    "headerParameterSubSchema": _parameter(PROBE, "header", "query", _header),
    "pathParameterSubSchema": {
        **_parameter(f"{WAY}/parameters/0", "path", "query", _path),
        "required": annotation(True, "what is in the path is always sent", instead=False),
    },
    "formDataParameterSubSchema": {
        **_parameter(f"{FILL}/parameters/0", "formData", "query", _form),
        "required": enforced(True, *posts("other=a", kind=FORM, target="/v1/form"), instead=False),
        "allowEmptyValue": enforced(
            True, *posts("probe=", kind=FORM, target="/v1/form"),
            given={f"{FILL}/parameters/0": {"name": "probe", "in": "formData", **_TEXT, "minLength": 1}},
        ),
    },
    "primitivesItems": _of_items(),
    "schema": {
        **{word: row for word, row in COMMON.items() if word not in ("deprecated", "anyOf", "oneOf", "not", "xml")},
        "xml": enforced({"name": "a"}, *posts("<r><a>1</a></r>", kind=XML_TYPE), at=VALUE, given=XML),
        "$ref": enforced("#/definitions/Short", *holds("ab")),
        "exclusiveMaximum": enforced(True, *holds(2), beside={"maximum": 2}),
        "exclusiveMinimum": enforced(True, *holds(2), beside={"minimum": 2}),
        "discriminator": enforced(
            "kind", *gives('{"kind": "Cat", "purr": 1}'), at=f"{ANSWER}/schema",
            given={f"{ANSWER}/schema": {"required": ["kind"], "properties": {"kind": {}}}},
        ),
    },
    "fileSchema": {
        "type": enforced("file", *gives("1"), instead="string"),
        **{word: annotation("a", FILE) for word in _FILE_TEXTS},
        "required": annotation(["a"], FILE),
        "readOnly": annotation(True, FILE),
        "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    },
    "xml": {
        **xml_rows(f"{VALUE}/xml", XML, VALUE),
    },
    "jsonReference": {
        "$ref": enforced(
            "#/parameters/P", instead="#/parameters/Q",
            given={
                PROBE: {"$ref": "#/parameters/P"},
                "/parameters": {"P": NEEDED, "Q": {"name": "q", "in": "query", "type": "string"}},
            },
        )
    },
    "basicAuthenticationSecurity": {
        "type": enforced("basic", _BASIC, instead="oauth2"),
        **_texts("description"),
    },
    "apiKeySecurity": {
        "type": enforced("apiKey", asks("/v1/things", k="x"), instead="basic"),
        "name": enforced("k", asks("/v1/things", k="x"), instead="other"),
        "in": enforced("header", asks("/v1/things", k="x"), instead="query"),
        **_texts("description"),
    },
    "oauth2ImplicitSecurity": _oauth("implicit", "authorizationUrl"),
    "oauth2PasswordSecurity": _oauth("password", "tokenUrl"),
    "oauth2ApplicationSecurity": _oauth("application", "tokenUrl"),
    "oauth2AccessCodeSecurity": _oauth("accessCode", "authorizationUrl", "tokenUrl"),
}  # fmt: skip
