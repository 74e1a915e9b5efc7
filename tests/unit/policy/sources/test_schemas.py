from typing import Any

from tests.unit.policy.sources.describe import USER, described, only, problems, schema_of


def test_a_schema_that_is_itself_in_place_cannot_be_checked_but_recursion_can() -> None:
    looping = USER.replace(
        "Tag: { type: string }", "Tag: { allOf: [{ $ref: '#/components/schemas/Tag' }] }"
    )
    assert problems(described(looping)) == ["23: its schema refers to itself in place"]
    assert problems(described(USER)) == []


def test_references_over_several_files_stay_in_the_directory() -> None:
    text = """
    paths:
      /a:
        post:
          requestBody: { content: { application/json: { schema: { $ref: 'more.yaml#/A' } } } }
    """
    description = described(
        text, more_yaml="A: { properties: { b: { $ref: '#/B' } } }\nB: { type: string }\n"
    )
    body: Any = only(description).body
    key = body["content"]["application/json"]["schema"]
    assert key == "2#/A"
    assert schema_of(description, key)["properties"]["b"] == {"$ref": "#/$defs/2%23~1B"}
    assert schema_of(description, "2#/B") == {"type": "string"}
    assert str(description.locate((2, "/B/type"))) == "api/more.yaml:2:6"
    assert problems(described(text)) == [
        "7: `$ref` `more.yaml`: `api/more.yaml` cannot be read: no such file"
    ]


def test_anchors_and_ids_are_found_in_3_1() -> None:
    text = """
    paths:
      /a:
        post:
          requestBody: { content: { application/json: { schema: { $ref: '#top' } } } }
    components:
      schemas:
        A: { $anchor: top, properties: { b: { $ref: 'https://example.com/b' } } }
        B: { $id: 'https://example.com/b', $ref: '#/$defs/c', $defs: { c: { type: integer } } }
    """
    description = described(text, "3.1.0")
    assert problems(description) == []
    assert schema_of(description, "1#/components/schemas/B/$defs/c") == {"type": "integer"}
