from typing import Any

import pytest

from tests.unit.policy.sources.describe import described, only, problems, schema_of

BODY = """
basePath: /v1/
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  key: { type: apiKey, in: query, name: k }
  basic: { type: basic }
  flow: { type: oauth2, flow: implicit }
security: [{ key: [] }]
definitions:
  Pet: { type: object, required: [name], properties: { name: { type: string }, id: { type: integer, readOnly: true } } }
paths:
  /pets/{id}:
    put:
      parameters:
        - { name: id, in: path, required: true, type: integer, maximum: 9, exclusiveMaximum: true }
        - { name: pet, in: body, required: true, schema: { $ref: '#/definitions/Pet' } }
      responses:
        200: { description: d, schema: { $ref: '#/definitions/Pet' }, headers: { X-A: { type: integer } } }
        204: { description: d }
        206: { description: d, schema: { type: file } }
"""


def test_the_common_form_is_lowered() -> None:
    description = described(BODY, "2.0")
    operation: Any = only(description)
    assert problems(description) == []
    assert operation.bases == ("/v1",)
    assert schema_of(description, operation.parameters[0]["schema"]) == {
        "type": "integer",
        "maximum": 9,
        "exclusiveMaximum": 9,
    }
    assert operation.body["required"]
    media = operation.body["content"]["application/json"]
    assert media["schema"] == "1#/definitions/Pet!request"
    ok = operation.responses["200"]
    assert ok["content"]["application/json"]["schema"] == "1#/definitions/Pet"
    assert ok["headers"][0]["name"] == "x-a"
    assert operation.responses["204"]["content"] == {}
    assert operation.responses["206"]["content"]["application/json"]["schema"] is None
    assert description.schemes["flow"].kind == "token"
    assert description.schemes["basic"].credential == {"in": "authorization", "scheme": "basic"}
    assert [[one.scheme for one in group] for group in operation.security] == [["key"]]


@pytest.mark.parametrize(
    ("written", "style", "explode"),
    [
        ("csv", "form", False),
        ("ssv", "spaceDelimited", False),
        ("tsv", "tabDelimited", False),
        ("pipes", "pipeDelimited", False),
        ("multi", "form", True),
    ],
)
def test_collection_formats_become_styles(written: str, style: str, explode: bool) -> None:
    description = described(
        "paths:\n  /a:\n    get:\n      parameters:\n        - "
        f"{{ name: q, in: query, type: array, items: {{ type: string }}, collectionFormat: {written} }}\n",
        "2.0",
    )
    form: Any = only(description).parameters[0]
    assert (form["style"], form["explode"]) == (style, explode)
    assert problems(description) == []


def test_form_fields_become_one_body() -> None:
    description = described(
        """
    paths:
      /a:
        post:
          parameters:
            - { name: f, in: formData, type: file, required: true }
            - { name: n, in: formData, type: integer }
    """,
        "2.0",
    )
    body: Any = only(description).body
    assert list(body["content"]) == ["multipart/form-data"]
    schema = schema_of(description, body["content"]["multipart/form-data"]["schema"])
    assert schema["required"] == ["f"]
    assert schema["properties"]["n"] == {"$ref": "#/$defs/1%23~1paths~1~01a~1post~1parameters~11"}
    assert schema_of(description, "1#/paths/~1a/post/parameters/0") == {
        "type": "string",
        "format": "binary",
    }


def test_a_form_field_may_be_empty_where_it_says_so() -> None:
    description = described(
        """
    paths:
      /a:
        post:
          parameters:
            - { name: n, in: formData, type: integer, allowEmptyValue: true }
    """,
        "2.0",
    )
    body: Any = only(description).body
    schema = schema_of(description, body["content"]["application/x-www-form-urlencoded"]["schema"])
    whole, empty = schema["properties"]["n"]["anyOf"]
    assert whole == {"$ref": "#/$defs/1%23~1paths~1~01a~1post~1parameters~10"}
    assert empty == {"type": "string", "maxLength": 0}


def test_json_is_held_against_its_schema_where_no_type_is_told() -> None:
    description = described(
        """
    paths:
      /a:
        post:
          parameters: [{ name: b, in: body, schema: { type: object } }]
          responses: { 200: { description: ok, schema: { type: object } } }
    """,
        "2.0",
    )
    operation = only(description)
    body: Any = operation.body
    answer: Any = operation.responses["200"]
    for content in (body["content"], answer["content"]):
        assert list(content) == ["application/json", "*/*"]
        assert content["application/json"]["schema"] is not None


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("{ name: q, in: query }", "a parameter needs a `type`"),
        ("{ name: q, in: header, type: array, collectionFormat: multi }", "collection format `multi` does not fit its place"),
        ("{ name: q, in: query, type: array, items: { type: array } }", "a list of lists in a parameter cannot be checked"),
        ("{ name: q, in: cookie, type: string }", "a parameter `in: cookie` cannot be checked"),
        ("{ name: q, in: body }", "a body parameter needs a `schema`"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_kept_with_its_line(parameter: str, reason: str) -> None:
    description = described(
        f"paths:\n  /a:\n    get:\n      parameters:\n        - {parameter}\n", "2.0"
    )
    assert problems(description) == [f"6: {reason}"]


def test_operations_beside_a_ref_that_leads_nowhere_are_kept_with_its_reason() -> None:
    description = described(
        """
    paths:
      /a:
        $ref: '#/nothing'
        get: { responses: {} }
    """,
        "2.0",
    )
    assert [one.method for one in description.operations] == ["GET"]
    assert any("`#/nothing` leads to nothing" in one for one in problems(description))


def test_operations_beside_a_ref_come_with_those_behind_it() -> None:
    description = described(
        """
    paths:
      /a: { $ref: '#/paths/~1b', get: { responses: {} } }
      /b: { put: { responses: {} }, get: { responses: {} } }
    """,
        "2.0",
    )
    found = [f"{one.method} {one.path}" for one in description.operations]
    assert sorted(found) == ["GET /a", "GET /b", "PUT /a", "PUT /b"]


def test_a_parent_keeps_its_discriminator_so_that_members_of_children_are_expected() -> None:
    description = described(
        """
        produces: [application/json]
        paths:
          /a: { get: { responses: { 200: { schema: { $ref: '#/definitions/Pet' } } } } }
        definitions:
          Pet: { type: object, discriminator: kind, properties: { kind: { type: string } } }
        """,
        "2.0",
    )
    media: Any = only(description).responses["200"]["content"]
    schema = schema_of(description, media["application/json"]["schema"])
    assert schema["discriminator"] == {"propertyName": "kind"}


def test_a_schema_of_bodies_that_are_not_read_is_told() -> None:
    description = described(
        """
        consumes: [application/xml, application/json]
        produces: [application/xml]
        paths:
          /a:
            post:
              parameters: [{ name: b, in: body, schema: { type: object } }]
              responses: { 200: { schema: { type: object } }, 201: { schema: { type: file } } }
        """,
        "2.0",
    )
    told = [one.message for one in description.warnings if one.code == "description.not-enforced"]
    assert told == [
        "schemas of `application/xml` response bodies are not enforced (1 in the description)"
    ]


def test_parameters_beside_a_ref_hold_for_the_operations_behind_it() -> None:
    description = described(
        """
    paths:
      /a: { $ref: '#/paths/~1b', parameters: [{ name: p, in: query, type: integer }] }
      /b: { get: { responses: {} } }
    """,
        "2.0",
    )
    names = {one.path: [form["name"] for form in one.parameters] for one in description.operations}
    assert names == {"/a": ["p"], "/b": []}
