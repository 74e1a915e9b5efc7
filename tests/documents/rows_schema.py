"""What is done with each keyword of a schema, in OpenAPI 3.0 and since 3.1."""

from __future__ import annotations

from typing import Any

from tests.documents.rows import Row, Table, annotation, enforced, reported
from tests.documents.scene3 import ANSWER, EXAMPLE, NAMES_XML, PEOPLE, VALUE, WITHDRAWN
from tests.documents.stage import gives, holds

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


_XML_AT: dict[str, Any] = {"at": f"{VALUE}/xml", "given": {f"{VALUE}/xml": {}}}
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
    "xml": annotation({"name": "a"}, NAMES_XML),
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
        "name": annotation("a", NAMES_XML, **_XML_AT),
        "namespace": annotation("https://a.test/", NAMES_XML, **_XML_AT),
        "prefix": annotation("a", NAMES_XML, **_XML_AT),
        "attribute": annotation(True, NAMES_XML, **_XML_AT),
        "wrapped": annotation(True, NAMES_XML, **_XML_AT),
        "nodeType": annotation("element", NAMES_XML, **_XML_AT),
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
