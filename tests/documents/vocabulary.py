"""Values for the documents that are made from meta-schemas."""

from __future__ import annotations

import re
from typing import Any

TEXTS = {
    "name": "a",
    "url": "/v1",
    "host": "api.test",
    "basePath": "/v1",
    "pattern": "^a",
    "format": "int32",
    "style": "form",
    "scheme": "bearer",
    "propertyName": "a",
    "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
    "mimeType": "application/json",
    "uri": "https://api.test/a",
    "uri-reference": "https://api.test/a",
    "iri": "https://api.test/a",
    "email": "ada@api.test",
    "regex": "^a",
    "media-range": "application/json",
}
WORDS = (
    "x", "$ref", "/a", "x-note", "200", "get", "default", "3.0.3", "3.1.0", "3.2.0",
    "application/json", "api.test", "#/components/schemas/x", "bearer",
)  # fmt: skip
"""Words for patterns: the first that fits."""

MEDIA = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
REFERENCES = (
    {
        "schema": "#/definitions/x",
        "parameters": "#/parameters/x",
        "responses": "#/responses/x",
    },
    {
        name: f"#/components/{name}/x"
        for name in (
            "schemas", "parameters", "responses", "examples", "headers", "links", "callbacks",
            "pathItems", "securitySchemes",
        )
    }
    | {
        "schema": "#/components/schemas/x",
        "requestBody": "#/components/requestBodies/x",
        "paths": "#/components/pathItems/x",
        "content": "#/components/mediaTypes/x",
    },
)  # fmt: skip
"""Where `$ref`s lead, by the innermost of these words around them: in 2.0, from 3.0."""

KEYWORDS: dict[str, Any] = {
    "$anchor": "here",
    "$comment": "a",
    "$defs": {"a": {"type": "string"}},
    "$dynamicAnchor": "there",
    "$dynamicRef": "#/components/schemas/x",
    "$id": "https://api.test/schema",
    "$ref": "#/components/schemas/x",
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": True},
    "additionalProperties": False,
    "allOf": [{"minLength": 1}],
    "anyOf": [{"type": "string"}],
    "const": "a",
    "contains": {"type": "string"},
    "contentEncoding": "base64",
    "contentMediaType": "application/json",
    "contentSchema": {"type": "string"},
    "default": "a",
    "definitions": {"a": {"type": "string"}},
    "dependencies": {"a": ["b"]},
    "dependentRequired": {"a": ["b"]},
    "dependentSchemas": {"a": {"type": "object"}},
    "deprecated": True,
    "description": "a",
    "discriminator": {"propertyName": "kind"},
    "else": {"type": "string"},
    "enum": ["a"],
    "example": "a",
    "examples": ["a"],
    "exclusiveMaximum": 9,
    "exclusiveMinimum": 1,
    "externalDocs": {"url": "https://api.test"},
    "format": "date",
    "if": {"type": "string"},
    "items": {"type": "string"},
    "maxContains": 3,
    "maximum": 9,
    "maxItems": 3,
    "maxLength": 3,
    "maxProperties": 3,
    "minContains": 1,
    "minimum": 1,
    "minItems": 1,
    "minLength": 1,
    "minProperties": 1,
    "multipleOf": 2,
    "not": {"type": "null"},
    "oneOf": [{"type": "string"}],
    "pattern": "^a",
    "patternProperties": {"^a": {"type": "string"}},
    "prefixItems": [{"type": "string"}],
    "properties": {"a": {"type": "string"}},
    "propertyNames": {"maxLength": 3},
    "readOnly": True,
    "required": ["a"],
    "then": {"type": "string"},
    "title": "a",
    "type": "string",
    "unevaluatedItems": False,
    "unevaluatedProperties": False,
    "uniqueItems": True,
    "writeOnly": True,
    "xml": {"name": "a"},
    "$recursiveAnchor": True,
    "$recursiveRef": "#",
}
"""Keywords of JSON Schema 2020-12 and of the vocabulary of OpenAPI, with a value of each."""


def word_for(pattern: str) -> str:
    """A word that fits the pattern; empty where none does."""
    return next((one for one in WORDS if re.search(pattern, one)), "")
