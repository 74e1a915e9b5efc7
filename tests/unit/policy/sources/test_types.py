import pytest

from bartizan.policy.sources.parts import Parts
from bartizan.policy.sources.types import types_of
from tests.unit.policy.sources.describe import described

SCHEMAS = """
    paths: {}
    components:
      schemas:
        List: { type: array }
        Both: { anyOf: [{ $ref: '#/components/schemas/List' }, { type: object }] }
        Loop: { $ref: '#/components/schemas/Loop' }
"""
REF = "#/components/schemas/"
ANY = {"array", "boolean", "integer", "null", "number", "object", "string"}


def types(schema: object, version: str = "3.2", *, guess: bool = True) -> set[str]:
    parts = Parts(described(SCHEMAS, f"{version}.0").library, version)
    return set(types_of(parts, schema, (1, "/a"), guess=guess))


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "array"}, {"array"}),
        ({"type": ["object", "null"]}, {"object", "null"}),
        ({"$ref": f"{REF}List"}, {"array"}),
        ({"$ref": f"{REF}Both"}, {"array", "object"}),
        ({"$ref": f"{REF}Both", "type": "object"}, {"object"}),
        ({"allOf": [{"type": ["array", "object"]}, {"type": ["array", "string"]}]}, {"array"}),
        ({"oneOf": [{"type": "string"}, {"type": "array"}]}, {"array", "string"}),
        ({"properties": {}}, {"object"}),
        ({"prefixItems": [{}]}, {"array"}),
        ({}, ANY),
        (True, ANY),
        ({"$ref": f"{REF}No"}, ANY),
    ],
)
def test_the_types_of_a_schema_are_those_it_names_or_speaks_of(
    schema: object, wanted: set[str]
) -> None:
    assert types(schema) == wanted


def test_before_3_1_nothing_counts_beside_a_ref() -> None:
    schema = {"$ref": f"{REF}Both", "type": "object"}
    assert types(schema, "3.0") == {"array", "object"}


def test_without_a_guess_only_a_type_tells_one() -> None:
    assert types({"properties": {}}, guess=False) == ANY
    assert types({"type": "object"}, guess=False) == {"object"}


def test_a_schema_that_refers_to_itself_is_anything() -> None:
    assert types({"$ref": f"{REF}Loop"}) == ANY
