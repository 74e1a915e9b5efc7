import json

import pytest

from bartizan.policy.withheld import Withheld, classified
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a/{id}:
    post:
      parameters:
        - { name: id, in: path, required: true, schema: {}, CLASS: secret }
        - { name: X-Key, in: header, schema: {}, CLASS: secret }
        - { name: page, in: query, schema: {}, CLASS: public }
      requestBody:
        content: { application/json: { schema: { $ref: "#/components/schemas/User" } } }
      responses:
        "200":
          description: ok
          headers: { X-Next: { schema: { CLASS: personal } } }
          content:
            application/json: { schema: { items: { $ref: "#/components/schemas/Key" } } }
components:
  schemas:
    User: { properties: { keys: { items: { $ref: "#/components/schemas/Key" } }, name: {} } }
    Key: { allOf: [{ CLASS: secret }] }
    Lost: { properties: { dna: { CLASS: personal } } }
""".replace("CLASS", "x-bartizan-data-class")


def test_names_of_members_parameters_and_headers_are_withheld() -> None:
    found = classified(json.loads(compiled("", PATHS, "3.1.0").form))
    # A schema that no operation reaches is none of the Policy.
    assert found.names == {"keys", "x-key", "x-next"}


def test_names_of_headers_of_parts_are_withheld() -> None:
    paths = """
paths:
  /a:
    post:
      requestBody:
        content:
          multipart/mixed:
            itemSchema: {}
            itemEncoding: { headers: { X-B: { schema: {}, CLASS: personal }, X-C: { schema: {} } } }
      responses: { "200": { description: d } }
"""
    marked = paths.replace("CLASS", "x-bartizan-data-class")
    form = json.loads(compiled("", marked, "3.2.0").form)
    assert classified(form).names == {"x-b"}


def test_a_body_whose_values_have_no_name_is_withheld_whole() -> None:
    found = classified(json.loads(compiled("", PATHS, "3.1.0").form)).operations
    assert found == {
        "POST /a/{id}": Withheld("/a/{id}", path=frozenset({"id"}), response=True),
    }


def test_without_classes_nothing_is_withheld() -> None:
    plain = PATHS.replace("x-bartizan-data-class", "x-other")
    found = classified(json.loads(compiled("", plain, "3.1.0").form))
    assert (found.names, found.operations) == (frozenset(), {})


@pytest.mark.parametrize(
    ("held", "path", "shown"),
    [
        (Withheld("/a/{id}/{n}", path=frozenset({"id"})), "/a/7/3", "/a/[masked]/3"),
        (Withheld("/a/{id}.json", path=frozenset({"id"})), "/a/7.json", "/a/[masked]"),
        (Withheld("/a/{id}", path=frozenset({"id"})), "/a/b/7", "/a/{id}"),
        (Withheld("/a/{id}", whole=True), "/a/7", "/a/[masked]"),
        (Withheld("/a/{id}", request=True), "/a/7", "/a/7"),
    ],
)
def test_a_path_loses_what_is_withheld_and_nothing_else(
    held: Withheld, path: str, shown: str
) -> None:
    assert held.shown_path(path) == shown


def test_a_body_whose_schema_is_held_against_nothing_is_withheld_as_a_whole() -> None:
    media: dict[str, object] = {"schema": None, "unheld": {"class": "personal", "source": {}}}
    form: dict[str, object] = {
        "operations": [
            {
                "id": "GET /a", "template": "/a", "parameters": [], "body": None, "class": None,
                "responses": {"200": {"headers": [], "content": {"application/jsonl": media}}},
            }
        ]
    }  # fmt: skip
    held = classified(form)
    assert held.operations["GET /a"].response
    assert not held.operations["GET /a"].request
