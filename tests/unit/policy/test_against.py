import json
from typing import Any

from bartizan.model.diagnostics import Diagnostic
from bartizan.model.event import parse_event
from bartizan.policy.against import contradictions, watching
from bartizan.policy.captures import Answered, Capture
from bartizan.policy.replay import Court, replay
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [n]
              properties:
                n: { type: integer }
                list: { type: array, items: { type: string } }
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { id: {} } } } }
"""
JSON = (("content-type", "application/json"),)


def told(*exchanges: tuple[object, int, object]) -> list[Diagnostic]:
    """exchanges: body of the request, status and body of the response."""
    made = compiled("mode: enforce\n", PATHS)
    lines = [
        Capture(
            method="POST",
            target="/a",
            fields=(("host", "x"), *JSON),
            body=json.dumps(sent).encode(),
            response=Answered(status=status, fields=JSON, body=json.dumps(answer).encode()),
        ).line()
        for sent, status, answer in exchanges
    ]
    court = Court(form=watching(made.form), seed=bytes(16))
    return list(contradictions(made, [parse_event(line) for line in replay(court, lines)]))


def test_traffic_that_keeps_the_contract_tells_nothing() -> None:
    assert told(({"n": 1}, 200, {"id": 1})) == []


def test_what_the_api_takes_against_its_document_is_told_at_the_line() -> None:
    (one,) = told(({"n": "secret-4711"}, 200, {}), ({"n": "x"}, 200, {}), ({"n": 1}, 200, {}))
    assert one.line == 14
    assert "`POST /a` at `body#/n`: 2 of 3 requests that the API took" in one.message
    assert one.hint == "let `type` also be `string`"
    assert "secret" not in str(one)


def test_what_the_api_itself_refuses_is_no_contradiction() -> None:
    assert [one.message for one in told(({"n": "x"}, 422, {})) if "requests" in one.message] == []


def test_undeclared_fields_and_statuses_of_answers_are_told() -> None:
    found = told(({"n": 1}, 200, {"id": 1, "more": 2}), ({"n": 1}, 404, {}))
    hints = {one.hint for one in found}
    assert "declare the property `more` if clients may see it" in hints
    assert "declare the response `404`" in hints


def test_items_of_lists_are_told_once() -> None:
    (one,) = told(({"n": 1, "list": [1, 2, 3]}, 200, {}))
    assert "body#/list/*" in one.message


def test_every_control_is_in_shadow() -> None:
    form: dict[str, Any] = json.loads(watching(compiled("mode: enforce\n", PATHS).form))
    assert set(form["controls"].values()) == {"shadow"}
