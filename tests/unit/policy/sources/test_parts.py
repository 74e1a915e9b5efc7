import pytest

from bartizan.policy.sources.description import Draft, Form
from bartizan.policy.sources.library import Library
from bartizan.policy.sources.parts import Parts, is_schema, status_key

TEXT = """
good: { $ref: '#/end' }
end: { a: 1 }
round: { $ref: '#/round' }
bad: { $ref: 5 }
lost: { $ref: '#/none' }
list: []
"""


def parts() -> Parts:
    return Parts(Library("openapi.yaml", lambda _: TEXT.encode()), "3.0")


def test_refs_are_followed_to_the_mapping_and_its_place() -> None:
    one, draft = parts(), Draft()
    assert one.follow(one.library.node((1, "/good")), (1, "/good"), draft) == (
        {"a": 1},
        (1, "/end"),
    )
    assert draft.problems == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("round", "circle"), ("bad", "text"), ("lost", "nothing"), ("list", "mapping")],
)
def test_a_ref_that_cannot_be_followed_is_a_problem_of_the_operation(name: str, why: str) -> None:
    one, draft = parts(), Draft()
    assert one.follow(one.library.node((1, f"/{name}")), (1, f"/{name}"), draft) is None
    assert [why in reason for _, reason in draft.problems] == [True]


def test_a_shared_part_is_made_once_and_its_problems_reach_every_user() -> None:
    one, made = parts(), list[int]()

    def make(own: Draft) -> Form:
        made.append(1)
        own.problems.append(((1, "/end"), "why"))
        return {"a": 1}

    first, second = Draft(), Draft()
    assert one.share("body", (1, "/end"), first, make) is one.share(
        "body", (1, "/end"), second, make
    )
    assert (len(made), first.problems) == (1, second.problems)


def test_fields_that_have_no_effect_are_warned_of_and_extensions_are_not() -> None:
    one = parts()
    one.unknown({"x-mine": 1, "known": 1, "end": 1}, frozenset(("known",)), (1, ""), "parameter")
    (warning,) = one.notes.diagnostics()
    assert warning.message.startswith("`end` is not a field of a parameter in OpenAPI 3.0")


def test_alternatives_with_an_undeclared_scheme_make_the_operation_unchecked() -> None:
    one, draft = parts(), Draft()
    one.declare("token", (1, "/end"), "token", {"in": "authorization", "scheme": "bearer"})
    made = one.security([{"token": ["read"]}, {"none": []}], (1, "/list"), draft)
    assert [[each.scheme for each in group] for group in made] == [["token"], []]
    assert [reason for _, reason in draft.problems] == ["security scheme `none` is not declared"]


def test_a_key_that_travels_nowhere_is_broken() -> None:
    one = parts()
    one.api_key({"in": "body", "name": "k"}, "key", (1, "/end"))
    one.api_key({"in": "header", "name": "X-Key"}, "good", (1, "/end"))
    assert list(one.broken_schemes) == ["key"]
    assert one.schemes["good"].credential == {"in": "header", "name": "x-key"}


@pytest.mark.parametrize(
    ("written", "read"),
    [(200, "200"), ("4xx", "4XX"), ("default", "default"), ("600", None), ("20", None)],
)
def test_a_status_key_is_a_status_a_class_or_default(written: object, read: str | None) -> None:
    assert status_key(written) == read


def test_a_boolean_is_a_schema_only_since_3_1() -> None:
    assert is_schema(node=True, version="3.1")
    assert not is_schema(node=True, version="3.0")
    assert is_schema({}, "3.0")
