import pytest

from bartizan.policy.schema_diff import SchemaDiff

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CLOSED = {**OBJECT, "additionalProperties": False}


def changes(old: object, new: object) -> list[tuple[str, str, str]]:
    compared = SchemaDiff({"k": old}, {"k": new}).between("k", "k")
    return [(one.pointer, one.words, one.effect) for one in compared]


@pytest.mark.parametrize(
    ("old", "new", "words", "effect"),
    [
        ({"maxLength": 9}, {"maxLength": 5}, "`maxLength` from 9 to 5", "tighter"),
        ({"minimum": 9}, {"minimum": 5}, "`minimum` from 9 to 5", "looser"),
        (
            {"type": ["string", "null"]},
            {"type": "string"},
            "`type` no longer has `null`",
            "tighter",
        ),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "`enum` also has `b`", "looser"),
        ({}, {"pattern": "x"}, "`pattern` is new: `x`", "tighter"),
        ({"format": "uuid"}, {}, "`format` is gone", "looser"),
        ({"pattern": "x"}, {"pattern": "y"}, "`pattern` from `x` to `y`", "other"),
        (OBJECT, CLOSED, "takes no undeclared field", "tighter"),
        (CLOSED, OBJECT, "takes undeclared fields", "looser"),
        (True, {"type": "string"}, "another schema", "tighter"),
    ],
)
def test_a_change_is_told_with_its_way(old: object, new: object, words: str, effect: str) -> None:
    assert changes(old, new) == [("", words, effect)]
    assert changes(old, old) == []


def test_properties_and_items_are_told_at_their_pointer() -> None:
    old = {"items": {"properties": {"a": {"type": "string"}, "b": {}}}}
    new = {"items": {"properties": {"a": {"type": "integer"}, "c": {}}, "required": ["a"]}}
    assert changes(old, new) == [
        ("/*/a", "is required now", "tighter"),
        ("/*/c", "is declared", "tighter"),
        ("/*/b", "is no longer declared", "looser"),
        ("/*/a", "`type` no longer has `string`", "tighter"),
        ("/*/a", "`type` also has `integer`", "looser"),
    ]


def test_references_are_followed_and_cycles_end() -> None:
    loop = {"properties": {"next": {"$ref": "#/$defs/k"}, "n": {"maximum": 1}}}
    wider = {"properties": {"next": {"$ref": "#/$defs/k"}, "n": {"maximum": 2}}}
    assert changes(loop, wider) == [("/n", "`maximum` from 1 to 2", "looser")]
