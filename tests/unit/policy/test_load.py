import json

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.load import require_loadable
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a: { get: { parameters: [{ name: q, in: query, schema: { $ref: '#/components/schemas/Bad' } }] } }
  /b: { get: {} }
components: { schemas: { Bad: { type: string, pattern: '(?<=a)b' } } }
"""
POINTER = "/components/schemas/Bad/pattern"


def test_a_schema_that_the_core_refuses_takes_only_its_operations_out() -> None:
    def build(form: bytes) -> None:
        if b"(?<=a)b" in form:
            raise ValueError("the pattern is beyond the engine", 1, POINTER)

    loaded = require_loadable(compiled("mode: enforce\n", PATHS), build)
    assert [(one.operation, one.location.line) for one in loaded.unrepresentable] == [("GET /a", 7)]
    bad, good = json.loads(loaded.form)["operations"]
    assert bad["unrepresentable"]
    assert not good["unrepresentable"]


def test_every_other_refusal_is_a_fault_at_its_line() -> None:
    def build(form: bytes) -> None:
        raise ValueError("no", 0, "/mode")

    with pytest.raises(Fault) as caught:
        require_loadable(compiled("mode: enforce\n", PATHS), build)
    assert [(one.code, one.line) for one in caught.value.diagnostics] == [("policy.refused", 2)]


def test_what_loads_is_given_back_as_it_is() -> None:
    one = compiled("mode: enforce\n", PATHS)
    assert require_loadable(one, bytes) is one


def test_a_schema_that_the_core_leaves_out_is_told_at_its_line() -> None:
    text = PATHS.replace("(?<=a)b", "[a")
    loaded = require_loadable(compiled("mode: enforce\n", text))
    assert [(one.operation, one.location.line) for one in loaded.unrepresentable] == [("GET /a", 7)]
    assert [one.pointer for one in loaded.warnings][-1:] == [POINTER]


XML = """
paths:
  /a:
    post:
      requestBody:
        content:
          KIND: { schema: { $ref: '#/components/schemas/Odd' } }
components:
  schemas:
    Odd:
      type: object
      patternProperties: { '^x': { type: string } }
"""


def test_a_schema_that_xml_cannot_follow_is_told_at_its_line_and_takes_nothing_out() -> None:
    told = [
        (one.code, one.line)
        for kind in ("application/xml", "application/json")
        for one in require_loadable(
            compiled("mode: enforce\n", XML.replace("KIND", kind), "3.1.0")
        ).warnings
        if "xml" in one.code
    ]
    assert told == [("description.xml-unmapped", 14)]
    loaded = require_loadable(compiled("mode: enforce\n", XML.replace("KIND", "text/xml"), "3.1.0"))
    assert loaded.unrepresentable == ()
