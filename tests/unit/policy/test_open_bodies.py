import json

import pytest

from bartizan.policy.compile import compile
from bartizan.policy.open_bodies import open_bodies
from tests.unit.policy.configured import configured
from tests.unit.policy.sources.describe import described

PATHS = """
paths:
  /a:
    post:
      requestBody: {{ content: {{ application/json: {{ schema: {schema} }} }} }}
      responses: {{}}
components:
  schemas:
    User:
      type: object
      properties: {{ name: {{ type: string }}, boss: {{ $ref: "#/components/schemas/User" }} }}
    Shut: {{ type: object, additionalProperties: false, properties: {{ name: {{ type: string }} }} }}
"""


def opened(schema: str, config: str = "") -> list[str]:
    made = compile(configured(config), described(PATHS.format(schema=schema), "3.1.0"))
    return open_bodies(json.loads(made.form))


@pytest.mark.parametrize(
    "schema",
    [
        "{ type: object, properties: { a: { type: string } } }",
        '{ $ref: "#/components/schemas/User" }',
        '{ type: array, items: { $ref: "#/components/schemas/User" } }',
        '{ allOf: [ { $ref: "#/components/schemas/User" } ] }',
        "{ additionalProperties: false, properties: { in: { properties: { a: {} } } } }",
    ],
)
def test_an_object_that_names_members_and_forbids_no_others_is_open(schema: str) -> None:
    assert opened(schema) == ["POST /a"]
    assert opened(schema, "closed_body: true") == []
    assert opened(schema, "operations: { POST /a: { closed_body: true } }") == []


@pytest.mark.parametrize(
    "schema",
    [
        '{ $ref: "#/components/schemas/Shut" }',
        "{ type: object }",
        "{ type: string }",
        "{ properties: { a: {} }, additionalProperties: true }",
        "{ unevaluatedProperties: false, allOf: [ { properties: { a: {} } } ] }",
    ],
)
def test_one_that_is_closed_or_open_by_its_own_word_is_not_told(schema: str) -> None:
    assert opened(schema) == []
