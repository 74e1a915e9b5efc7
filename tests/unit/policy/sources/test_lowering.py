import pytest

from tests.unit.policy.sources.describe import (
    USER,
    body_schema,
    both_ways,
    described,
    problems,
    schema_of,
    warned,
)


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("type: string\nnullable: true\n", {"type": ["string", "null"]}),
        ("type: string\nnullable: false\n", {"type": "string"}),
        ("nullable: true\n", {}),
        ("type: string\nnullable: true\nenum: [a, null]\n", {"type": ["string", "null"], "enum": ["a", None]}),
        ("minimum: 1\nexclusiveMinimum: true\n", {"minimum": 1, "exclusiveMinimum": 1}),
        ("maximum: 1\nexclusiveMaximum: false\n", {"maximum": 1}),
        ("exclusiveMaximum: true\n", {}),
        ("description: d\nexample: 1\ndefault: 1\nx-a: 1\nformat: int64\n", {"format": "int64"}),
        ("additionalProperties: false\n", {"additionalProperties": False}),
        ("properties: { example: { type: string } }\n", {"properties": {"example": {"type": "string"}}}),
        ("maxLength: 5.0\n", {"maxLength": 5}),
    ],
)  # fmt: skip
def test_3_0_is_lowered_to_2020_12(text: str, lowered: object) -> None:
    description, schema = body_schema(text)
    assert schema == lowered
    assert problems(description) == []


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("type: [string, 'null']\nconst: a\n", {"type": ["string", "null"], "const": "a"}),
        ("exclusiveMinimum: 3\n", {"exclusiveMinimum": 3}),
        ("prefixItems: [true, { type: string }]\n", {"prefixItems": [True, {"type": "string"}]}),
        ("if: { type: string }\nthen: false\n", {"if": {"type": "string"}, "then": False}),
        ("examples: [1]\n$comment: c\n", {}),
        ("contentEncoding: base64\ncontentMediaType: a/b\ncontentSchema: {}\n", {}),
    ],
)
def test_3_1_keeps_its_keywords(text: str, lowered: object) -> None:
    description, schema = body_schema(text, "3.1.0")
    assert schema == lowered
    assert problems(description) == []


@pytest.mark.parametrize(
    ("text", "version", "reason"),
    [
        ("type: text\n", "3.0.3", "type `text` is not one of JSON Schema"),
        ("required: true\n", "3.0.3", "`required` must be a list of names, none twice"),
        ("maxLength: -1\n", "3.0.3", "`maxLength` must be a whole number from 0"),
        ("properties: []\n", "3.0.3", "`properties` must be a mapping"),
        ("allOf: {}\n", "3.0.3", "`allOf` must be a list of schemas"),
        ("$ref: '#/components/schemas/None'\n", "3.0.3", "`$ref` `#/components/schemas/None` leads to nothing"),
        ("$ref: '../up.yaml'\n", "3.0.3", "`$ref` `../up.yaml` leaves the directory of the document"),
        ("$ref: 'https://a/b.yaml'\n", "3.0.3", "`$ref` `https://a/b.yaml` leaves the directory of the document"),
        ("exclusiveMinimum: true\n", "3.1.0", "`exclusiveMinimum` must be a number"),
        ("$schema: http://json-schema.org/draft-04/schema\n", "3.1.0",
         "schema dialect `http://json-schema.org/draft-04/schema` is not supported"),
    ],
)  # fmt: skip
def test_what_cannot_be_represented_is_kept_with_its_line(
    text: str, version: str, reason: str
) -> None:
    description, _ = body_schema(text, version)
    assert problems(description) == [f"10: {reason}"]


def test_unknown_keywords_are_warned_of_with_their_line() -> None:
    description, schema = body_schema("type: string\npatternProperties: {}\n")
    assert schema == {"type": "string"}
    assert warned(description) == {"description.unknown-keyword": 11}


def test_siblings_of_a_ref_are_ignored_in_3_0_and_kept_in_3_1() -> None:
    text = USER.replace("tag: { $ref: '#/components/schemas/Tag' }",
                              "tag: { $ref: '#/components/schemas/Tag', maxLength: 3 }")  # fmt: skip
    description, request, _ = both_ways(text)
    assert set(schema_of(description, request)["properties"]["tag"]) == {"$ref"}
    description, request, _ = both_ways(text, "3.1.0")
    assert schema_of(description, request)["properties"]["tag"]["maxLength"] == 3


XML = """
paths:
  /a:
    post:
      requestBody: { content: { KIND: { schema: { $ref: '#/components/schemas/Pet' } } } }
components:
  schemas:
    Pet:
      properties:
        id: { type: integer, readOnly: true, xml: { name: ID, attribute: true } }
        tag: { type: string, xml: { name: t, prefix: p, nodeType: attribute, x-a: 1 } }
"""


def test_what_is_said_of_xml_is_kept_where_a_body_may_be_xml() -> None:
    key = "1#/components/schemas/Pet!request"
    pets = {
        (kind, version): schema_of(described(XML.replace("KIND", kind), version), key)["properties"]
        for kind in ("application/json", "text/xml", "'*/*'")
        for version in ("3.1.0", "3.2.0")
    }
    assert pets["application/json", "3.2.0"]["tag"] == {"type": "string"}
    assert pets["'*/*'", "3.1.0"]["tag"] == {"type": "string", "xml": {"name": "t"}}
    assert pets["text/xml", "3.2.0"]["tag"]["xml"] == {"name": "t", "nodeType": "attribute"}
    stub = pets["text/xml", "3.1.0"]["id"]
    assert stub["not"] == {}
    assert stub["x-bartizan-xml"]["xml"] == {"name": "ID", "attribute": True}
    assert "x-bartizan-xml" not in pets["application/json", "3.1.0"]["id"]
