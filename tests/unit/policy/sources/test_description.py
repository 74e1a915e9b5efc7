from bartizan.policy.sources.description import Draft, source
from tests.unit.policy.sources.describe import described, only

PATHS = """
paths:
  /a:
    get: { operationId: a, responses: {}, colour: red }
"""


def test_an_operation_is_located_at_its_line() -> None:
    description = described(PATHS)
    one = only(description)
    assert (one.method, one.path, one.operation_id) == ("GET", "/a", "a")
    assert description.locate(one.spot).line == 6
    assert description.locate((1, "/paths/~1a/none")).line == 5


def test_warnings_carry_their_lines() -> None:
    (warning,) = described(PATHS).warnings
    assert (warning.code, warning.line) == ("description.unknown-field", 6)


def test_a_draft_takes_over_what_a_shared_part_found() -> None:
    one, shared = Draft(keys={"a"}), Draft(problems=[((1, "/x"), "why")], keys={"b"})
    one.absorb(shared)
    assert (one.problems, one.keys) == ([((1, "/x"), "why")], {"a", "b"})


def test_a_spot_is_written_as_a_source() -> None:
    assert source((2, "/a")) == {"document": 2, "pointer": "/a"}
