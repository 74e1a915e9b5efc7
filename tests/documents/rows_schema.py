"""What is done with each keyword of a schema, in OpenAPI 3.0 and since 3.1."""

from __future__ import annotations

from typing import Any

from tests.documents.rows import Row, Table, annotation, enforced, reported
from tests.documents.scene3 import (
    ANSWER,
    EXAMPLE,
    PEOPLE,
    PREFIX,
    VALUE,
    WITHDRAWN,
)
from tests.documents.scene3 import (
    CONTENT as SENT,
)
from tests.documents.stage import gives, holds, posts

SHORT = "#/components/schemas/Short"
MEANS = f"{ANSWER}/content/application~1json/schema"
ANSWERED = f"{MEANS}/properties/value"
TEXT = {"type": "string"}
CONTENT = "JSON Schema 2020-12 makes it an annotation: it decodes nothing and refuses nothing"
_CHOICE = {
    MEANS: {"anyOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
    "/components/schemas/Cat": {"properties": {"kind": {}, "purr": {}}},
    "/components/schemas/Dog": {"properties": {"kind": {}, "bark": {}}},
    "/components/schemas/Bird": {"properties": {"kind": {}, "fly": {}}},
}
_CATS = gives(
    *(
        f'{{{kind}"purr": 1, "bark": 1, "fly": 1}}'
        for kind in ('"kind": "Cat", ', '"kind": "c", ', "")
    )
)


def _beside(value: Any, *instances: Any, **beside: Any) -> Row:
    """A keyword of the schema of `value`, with others beside it in both documents."""
    return enforced(value, *holds(*instances), beside=beside)


def _texts(*words: str, why: str = PEOPLE) -> dict[str, Row]:
    return {word: annotation("a", why) for word in words}


XML = "application/xml"
XML_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["value"],
    "properties": {"value": {"type": "string", "xml": {}}},
}
_XML_BODY = f"{SENT}/application~1xml"
_XML_VALUE = f"{_XML_BODY}/schema/properties/value"
_XML_GIVEN: dict[str, Any] = {_XML_BODY: {"schema": XML_SCHEMA}}
_XML_AT: dict[str, Any] = {"at": f"{_XML_VALUE}/xml", "given": _XML_GIVEN}
XML_LIST: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "xml": {}}


def xml_rows(at: str, given: dict[str, Any], value: str) -> dict[str, Row]:
    """The keywords of `xml`. value: the schema that holds it."""
    place: dict[str, Any] = {"at": at, "given": given}
    listed: dict[str, Any] = {"at": at, "given": {**given, value: XML_LIST}}
    return {
        "name": enforced("a", *posts("<r><a>1</a></r>", kind=XML), **place),
        "namespace": enforced(
            "https://a.test/",
            *posts("<r><value xmlns='https://a.test/'>1</value></r>", kind=XML),
            **place,
        ),
        "prefix": annotation("a", PREFIX, **place),
        "attribute": enforced(True, *posts("<r value='1'/>", kind=XML), **place),
        "wrapped": enforced(
            True, *posts("<r><value><value>1</value></value></r>", kind=XML), **listed
        ),
    }


_DOCS_AT: dict[str, Any] = {
    "at": f"{VALUE}/externalDocs",
    "given": {f"{VALUE}/externalDocs": {"url": "https://b.test/"}},
}
_DISCRIMINATOR_AT: dict[str, Any] = {
    "at": f"{MEANS}/discriminator",
    "given": {**_CHOICE, f"{MEANS}/discriminator": {"propertyName": "kind"}},
}
COMMON: dict[str, Row] = {
    **_texts("title", "description"),
    "default": annotation("a", "a value that the API takes where none is sent; we send none"),
    "example": annotation("a", EXAMPLE),
    "deprecated": annotation(True, WITHDRAWN),
    "externalDocs": annotation({"url": "https://api.test/"}, PEOPLE),
    "xml": enforced(
        {"name": "a"},
        *posts("<r><a>1</a></r>", kind=XML),
        at=_XML_VALUE,
        given=_XML_GIVEN,
    ),
    "type": _beside("string", 1),
    "enum": _beside(["a"], "b"),
    "multipleOf": _beside(2, 3),
    "maximum": _beside(2, 3),
    "minimum": _beside(2, 1),
    "maxLength": _beside(1, "ab"),
    "minLength": _beside(1, ""),
    "pattern": _beside("^a", "b"),
    "maxItems": _beside(1, [1, 2], type="array", items={}),
    "minItems": _beside(1, [], type="array", items={}),
    "uniqueItems": _beside(True, [1, 1], type="array", items={}),
    "maxProperties": _beside(1, {"a": 1, "b": 2}),
    "minProperties": _beside(1, {}),
    "required": _beside(["a"], {}),
    "allOf": _beside([TEXT], 1),
    "anyOf": _beside([TEXT], 1),
    "oneOf": _beside([TEXT], 1),
    "not": _beside(TEXT, "a"),
    "items": _beside(TEXT, [1]),
    "properties": _beside({"a": TEXT}, {"a": 1}),
    "additionalProperties": _beside(False, {"a": 1}),
    "format": _beside("date", "a"),
    "readOnly": enforced(True, *holds("a")),
}
_ANSWERED: dict[str, Row] = {
    "writeOnly": enforced(True, *gives('{"value": "a"}'), at=ANSWERED),
    "discriminator": enforced({"propertyName": "kind"}, *_CATS, at=MEANS, given=_CHOICE),
}
_PARTS: Table = {
    "discriminator": {
        "propertyName": enforced("kind", *_CATS, instead="other", **_DISCRIMINATOR_AT),
        "mapping": enforced({"c": "#/components/schemas/Cat"}, *_CATS, **_DISCRIMINATOR_AT),
        "defaultMapping": enforced("#/components/schemas/Bird", *_CATS, **_DISCRIMINATOR_AT),
    },
    "xml": {
        **xml_rows(f"{_XML_VALUE}/xml", _XML_GIVEN, _XML_VALUE),
        "nodeType": enforced("attribute", *posts("<r value='1'/>", kind=XML), **_XML_AT),
    },
    "external-docs": {
        "url": annotation("https://a.test/", PEOPLE, instead="https://b.test/", **_DOCS_AT),
        "description": annotation("a", PEOPLE, **_DOCS_AT),
    },
}
TABLE_3_0: Table = {
    **_PARTS,
    "schema": {
        **COMMON,
        **_ANSWERED,
        "exclusiveMaximum": _beside(True, 2, maximum=2),
        "exclusiveMinimum": _beside(True, 2, minimum=2),
        "nullable": _beside(True, None, type="string"),
    },
}
_REFERS = {VALUE: {"$ref": SHORT}}
_HOLDER: dict[str, Any] = {"at": "/components/schemas/B"}
TABLE_3_1: Table = {
    **_PARTS,
    "schema": {
        **COMMON,
        **_ANSWERED,
        "examples": annotation(["a"], EXAMPLE),
        "$comment": annotation("a", PEOPLE),
        "$vocabulary": annotation(
            {"https://json-schema.org/draft/2020-12/vocab/core": True},
            "it is of meta-schemas; no schema of an API is one",
        ),
        "$schema": reported(
            "http://json-schema.org/draft-07/schema#", "description.unrepresentable"
        ),
        "$id": enforced(
            "https://api.test/b", *holds("a"), given={VALUE: {"$ref": "https://api.test/b"}}, **_HOLDER
        ),
        "$anchor": enforced("b", *holds("a"), given={VALUE: {"$ref": "#b"}}, **_HOLDER),
        "$dynamicAnchor": enforced("b", *holds("a"), given={VALUE: {"$ref": "#b"}}, **_HOLDER),
        "$ref": _beside(SHORT, "ab"),
        "$dynamicRef": enforced(
            "#short", *holds("ab"), given={"/components/schemas/Short/$dynamicAnchor": "short"}
        ),
        "$defs": enforced(
            {"C": TEXT}, *holds("a"), given={VALUE: {"$ref": "#/components/schemas/B/$defs/C"}}, **_HOLDER
        ),
        "definitions": enforced(
            {"C": TEXT}, *holds("a"),
            given={VALUE: {"$ref": "#/components/schemas/B/definitions/C"}}, **_HOLDER,
        ),
        "dependencies": reported({"a": ["b"]}, "description.unknown-keyword"),
        "$recursiveAnchor": reported("a", "description.unknown-keyword"),
        "$recursiveRef": reported("#", "description.unknown-keyword"),
        "const": _beside("a", "b"),
        "exclusiveMaximum": _beside(2, 2),
        "exclusiveMinimum": _beside(2, 2),
        "prefixItems": _beside([TEXT], [1]),
        "contains": _beside(TEXT, [1]),
        "minContains": _beside(2, ["a"], contains=TEXT),
        "maxContains": _beside(1, ["a", "b"], contains=TEXT),
        "patternProperties": _beside({"^a": TEXT}, {"a": 1}),
        "propertyNames": _beside({"maxLength": 1}, {"ab": 1}),
        "dependentRequired": _beside({"a": ["b"]}, {"a": 1}),
        "dependentSchemas": _beside({"a": {"required": ["b"]}}, {"a": 1}),
        "if": _beside(TEXT, "a", 1, then={"maxLength": 0}),
        "then": _beside({"maxLength": 0}, "a", **{"if": TEXT}),
        "else": _beside(False, 1, **{"if": TEXT}),
        "unevaluatedItems": _beside(False, [1, 2], prefixItems=[{}]),
        "unevaluatedProperties": _beside(False, {"a": 1}),
        "contentEncoding": annotation("base64", CONTENT),
        "contentMediaType": annotation("application/json", CONTENT),
        "contentSchema": annotation({"type": "integer"}, CONTENT),
    },
}  # fmt: skip
