from typing import Any

import pytest

from bartizan.policy.sources import Description
from tests.unit.policy.sources.describe import described, only, problems, schema_of, warned


def sent(content: str, version: str = "3.2.0") -> Description:
    """One POST whose body and response hold `content`."""
    return described(
        f"""
        paths:
          /a:
            post:
              requestBody: {{ content: {content} }}
              responses: {{ '200': {{ description: d, content: {content} }} }}
        components:
          schemas: {{ Item: {{ type: object }} }}
          mediaTypes: {{ One: {{ schema: {{ $ref: '#/components/schemas/Item' }} }} }}
        """,
        version,
    )


def told(description: Description) -> list[str]:
    return [one.message for one in description.warnings]


ITEM = "itemSchema: { $ref: '#/components/schemas/Item' }"


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json-seq"])
def test_the_schema_of_an_item_stands_beside_that_of_the_whole(kind: str) -> None:
    description = sent(f"{{ {kind}: {{ schema: {{ type: array, maxItems: 3 }}, {ITEM} }} }}")
    operation: Any = only(description)
    media = operation.body["content"][kind]
    assert schema_of(description, media["item"]) == {"type": "object"}
    assert schema_of(description, media["schema"]) == {"type": "array", "maxItems": 3}
    reply = operation.responses["200"]["content"][kind]
    assert (reply["schema"], schema_of(description, reply["item"])) == (None, {"type": "object"})
    assert told(description) == [
        f"schemas of whole `{kind}` sequences are not enforced (1 in the description)"
    ]


def test_events_are_described_for_responses_and_told_for_requests() -> None:
    description = sent("{ text/event-stream: { @ } }".replace("@", ITEM))
    operation: Any = only(description)
    assert "item" not in operation.body["content"]["text/event-stream"]
    assert operation.responses["200"]["content"]["text/event-stream"]["item"]
    assert told(description) == [
        "item schemas of `text/event-stream` request bodies are not enforced (1 in the description)"
    ]


def test_before_3_2_a_schema_of_a_sequence_is_told_and_not_held() -> None:
    description = sent("{ application/jsonl: { schema: { type: object } } }", "3.1.0")
    operation: Any = only(description)
    assert operation.body["content"]["application/jsonl"]["schema"] is None
    assert "description.not-enforced" in warned(description)


def test_an_item_schema_of_what_is_no_sequence_is_told() -> None:
    assert "description.item-schema" in warned(
        sent("{ application/json: { @ } }".replace("@", ITEM))
    )


def test_a_media_type_may_be_a_ref_since_3_2() -> None:
    content = "{ application/json: { $ref: '#/components/mediaTypes/One' } }"
    description = sent(content)
    operation: Any = only(description)
    media = operation.body["content"]["application/json"]
    assert schema_of(description, media["schema"]) == {"type": "object"}
    assert warned(description) == {}
    assert "description.unknown-field" in warned(sent(content, "3.1.0"))


def test_a_media_type_that_leads_nowhere_cannot_be_checked() -> None:
    found = problems(sent("{ application/json: { $ref: '#/components/mediaTypes/No' } }"))
    assert len(found) == 2
    assert all("leads to nothing" in one for one in found)


def test_positional_encodings_and_xml_of_responses_are_told() -> None:
    description = sent("{ multipart/mixed: { prefixEncoding: [{}], itemEncoding: {} } }")
    assert told(description) == [
        "encodings of parts by their position are not enforced (2 in the description)"
    ]
    xml = sent("{ application/xml: { schema: { type: object, xml: { nodeType: element } } } }")
    assert told(xml) == [
        "schemas of `application/xml` response bodies are not enforced (1 in the description)"
    ]


def test_a_response_needs_no_description_and_may_have_a_summary() -> None:
    text = "paths:\n  /a:\n    get:\n      responses: { '200': { summary: s } }\n"
    assert warned(described(text, "3.2.0")) == {}
    assert warned(described(text, "3.1.0")) == {"description.unknown-field": 6}
