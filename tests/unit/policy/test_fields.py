import pytest

from bartizan.model.errors import Fault
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a:
    post:
      parameters: [{ name: page, in: query, schema: { type: integer } }]
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/User" } }
      responses: { 200: { description: ok } }
components:
  schemas:
    User:
      allOf: [{ type: object, properties: { email: { type: string } } }]
      properties:
        parts: { type: array, items: { type: object, properties: { sku: { type: string } } } }
        free: { type: object, additionalProperties: { type: string } }
        next: { $ref: "#/components/schemas/User" }
"""
EXCEPTION = 'exceptions: [{ rule: inspect.body-schema, operation: "POST /a", field: "%s" }]\n'


def told(field: str) -> list[str]:
    found = compiled(EXCEPTION % field, PATHS).own_warnings
    return [one.hint for one in found if one.code == "policy.unknown-field"]


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("body#/emial", "email"),
        ("body#/parts/*/sjku", "sku"),
        ("body#/parts/0/sju", "sku"),
        ("body#/next/next/emai", "email"),
        ("query:pgae", "page"),
    ],
)
def test_a_slip_in_a_field_is_told_with_what_was_meant(field: str, meant: str) -> None:
    assert told(field) == [f"did you mean `{meant}`?"]


@pytest.mark.parametrize(
    "field",
    ["body#/email", "body#/parts/*/sku", "body#/free/emial", "body#/password_hash", "body#/*",
     "body", "query:page", "header:x-anything", "response-body#/emial"],
)  # fmt: skip
def test_what_is_declared_or_close_to_nothing_is_not_told(field: str) -> None:
    assert told(field) == []


def test_a_place_that_no_message_has_is_refused() -> None:
    with pytest.raises(Fault) as refused:
        compiled(EXCEPTION % "boddy#/email", PATHS)
    (fault,) = refused.value.diagnostics
    assert (fault.code, fault.hint) == ("policy.unknown-place", "did you mean `body`?")
