from typing import Any

import pytest

from bartizan.policy.sources import Description
from tests.unit.policy.sources.describe import described, only, problems, schema_of, warned

DATA = "properties: { data: { type: string, contentSchema: { maxProperties: 2 } } }"
HELD = {"maxProperties": 2}
OTHER = "properties: { data: { contentSchema: { minProperties: 1 } } }"


def events(item: str) -> Description:
    """A description whose one answer is a stream of such events."""
    return described(
        f"""
    paths:
      /a:
        get:
          responses:
            '200':
              description: d
              content: {{ text/event-stream: {{ itemSchema: {item} }} }}
    components: {{ schemas: {{ Event: {{ {DATA} }}, Data: {{ contentSchema: {{ maxProperties: 2 }} }} }} }}
    """,
        "3.2.0",
    )


def media_of(description: Description) -> Any:
    operation: Any = only(description)
    return operation.responses["200"]["content"]["text/event-stream"]


@pytest.mark.parametrize(
    "item",
    [
        f"{{ {DATA} }}",
        "{ $ref: '#/components/schemas/Event' }",
        "{ allOf: [{ type: object }, { $ref: '#/components/schemas/Event' }] }",
        "{ properties: { data: { $ref: '#/components/schemas/Data' } } }",
    ],
)
def test_the_json_in_the_data_of_every_event_has_its_own_schema(item: str) -> None:
    description = events(item)
    assert schema_of(description, media_of(description)["data"]) == HELD
    assert warned(description) == {}


def test_several_schemas_of_the_data_hold_together() -> None:
    description = events(f"{{ {DATA}, allOf: [{{ {OTHER} }}] }}")
    whole = schema_of(description, media_of(description)["data"])
    assert len(whole["allOf"]) == 2
    schemas = [
        one for key, one in description.schemas.form.items() if key.endswith("contentSchema")
    ]
    assert HELD in schemas
    assert {"minProperties": 1} in schemas
    assert problems(description) == []


@pytest.mark.parametrize(
    "item",
    [
        f"{{ oneOf: [{{ {DATA} }}, {{ {OTHER} }}] }}",
        f"{{ if: {{ required: [id] }}, then: {{ {DATA} }} }}",
        f"{{ dependentSchemas: {{ id: {{ {DATA} }} }} }}",
    ],
)
def test_what_holds_for_the_data_of_some_events_alone_is_told(item: str) -> None:
    description = events(item)
    assert "data" not in media_of(description)
    (told,) = description.warnings
    assert told.code == "description.not-enforced"
    assert told.message.startswith("schemas of the data of some events alone are not enforced")


def test_data_that_is_no_json_is_told() -> None:
    description = events(
        "{ properties: { data: { contentMediaType: application/xml, contentSchema: {} } } }"
    )
    assert "data" not in media_of(description)
    assert "`application/xml` in events" in description.warnings[0].message


def test_events_that_hold_themselves_come_to_an_end() -> None:
    description = events("{ allOf: [{ $ref: '#/components/schemas/Event' }], x-more: 1 }")
    looping = events(
        "{ $ref: '#/paths/~1a/get/responses/200/content/text~1event-stream/itemSchema' }"
    )
    assert "data" in media_of(description)
    assert problems(looping)
