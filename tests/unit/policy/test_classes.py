import json
from typing import Any

import pytest

from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /users/{id}:
    post:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer }, CLASS: personal }
        - { name: filter, in: query, schema: { properties: { phone: { CLASS: secret } } } }
        - { name: page, in: query, schema: { type: integer } }
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/User" }
          application/x-ndjson:
            itemSchema: { $ref: "#/components/schemas/Name" }
      responses:
        "200":
          description: ok
          headers: { X-Next: { schema: { type: string, CLASS: secret } } }
          content:
            application/json: { schema: { type: array, items: { $ref: "#/components/schemas/User" } } }
components:
  schemas:
    Name: { type: object, properties: { first: { CLASS: personal } } }
    User:
      allOf: [{ $ref: "#/components/schemas/Name" }]
      properties:
        key: { $ref: "#/components/schemas/Key" }
        hash: { type: string, readOnly: true, CLASS: secret }
        boss: { $ref: "#/components/schemas/User" }
        more: { type: object, additionalProperties: { CLASS: internal } }
    Key: { type: string, CLASS: secret }
""".replace("CLASS", "x-bartizan-data-class")
ID = "POST /users/{id}"


PARTS = """
paths:
  /a:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: { properties: { a: {} } }
            encoding: { a: { headers: { X-A: { schema: { CLASS: secret } } } } }
          multipart/mixed:
            itemSchema: {}
            prefixEncoding: [{ headers: { X-B: { schema: {}, CLASS: personal } } }]
            itemEncoding: { headers: { X-C: { schema: {} } } }
      responses: { "200": { description: d } }
""".replace("CLASS", "x-bartizan-data-class")


def test_headers_of_parts_have_classes() -> None:
    held = found("3.2.0", PARTS)
    assert {name: word for name, (word, _) in held.items()} == {
        "body:x-a": "secret",
        "body:x-b": "personal",
    }


def found(version: str = "3.2.0", paths: str = PATHS) -> dict[str, tuple[str, int]]:
    one = compiled("", paths, version)
    (own,) = one.labels.values()
    return {c.field: (c.word, one.locate(*c.spot).line) for c in own.classified}


def test_every_value_that_has_a_class_is_listed_with_its_line() -> None:
    assert found() == {
        "path:id": ("personal", 8),
        "query:filter#/phone": ("secret", 9),
        "body#/first": ("personal", 25),
        "body#/key": ("secret", 33),
        "body#/more/*": ("internal", 32),
        "body#/*/first": ("personal", 25),
        "response-header:x-next": ("secret", 20),
        "response-body#/*/first": ("personal", 25),
        "response-body#/*/key": ("secret", 33),
        "response-body#/*/hash": ("secret", 30),
        "response-body#/*/more/*": ("internal", 32),
    }


def operation(paths: str, version: str) -> Any:
    form = json.loads(compiled("", paths, version).form)
    return form, form["operations"][0]


def test_a_parameter_has_the_strictest_class_of_its_own_and_its_schema() -> None:
    _, one = operation(PATHS, "3.2.0")
    classes = {parameter["name"]: parameter.get("class") for parameter in one["parameters"]}
    assert classes == {"id": "personal", "filter": "secret", "page": None}
    assert one["data"] == ["secret", "personal", "internal"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_class_beside_a_reference_counts_in_every_version(version: str) -> None:
    paths = """
    paths:
      /a:
        get:
          responses:
            "200":
              description: ok
              content:
                application/json:
                  schema:
                    properties:
                      key: { $ref: "#/components/schemas/Key", x-bartizan-data-class: secret }
    components: { schemas: { Key: { type: string } } }
    """
    assert found(version, paths) == {"response-body#/key": ("secret", 14)}
    form, _ = operation(paths, version)
    lowered = json.dumps(form["schemas"])
    assert '"x-bartizan-data-class": "secret"' in lowered


def test_fields_of_openapi_2_have_classes_too() -> None:
    paths = """
    paths:
      /a:
        post:
          consumes: [application/x-www-form-urlencoded]
          parameters:
            - { name: pin, in: formData, type: string, x-bartizan-data-class: secret }
            - { name: q, in: query, type: string, x-bartizan-data-class: personal }
          responses: { "200": { description: ok } }
    """
    listed = found("2.0", paths)
    assert {field: word for field, (word, _) in listed.items()} == {
        "query:q": "personal",
        "body#/pin": "secret",
    }


def test_without_a_class_nothing_is_listed() -> None:
    assert found(paths=PATHS.replace("x-bartizan-data-class", "x-other")) == {}
