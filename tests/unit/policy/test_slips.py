import json

import pytest

from bartizan.model.errors import Fault
from bartizan.policy import slips
from bartizan.policy.document import read


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("a: 1\nb 2\nc: 3\n", 2, "write `b: 2`"),
        ("a: 1\nb:2\nc: 3\n", 2, "write `b: 2`"),
        ("a: 1\nb = 2\nc: 3\n", 2, "write `b: 2`"),
        ("a: [1, 2\nb: 3\n", 1, "write `a: [1, 2]`"),
        ("a:\n\tb: 1\n", 2, "indent it by 2 spaces"),
        ("a: # more\n\tb: 1\n", 2, "indent it by 2 spaces"),
        ("a:\n\tb: 1\n\tc: 2\n", 2, "indent it by 2 spaces"),
        ("a:\n  - b: 1\n\tc: 2\n", 3, "indent it by 4 spaces"),
        ("a: 1\n\tb: 2\n", 2, "begin it in the first column"),
        ("a:\n  b: 1\n\t\n  c: 2\n", 3, "take it out"),
        ("a:\n  b: 1\n   c: 2\n", 3, "indent it by 2 spaces"),
        ("a: one: two\n", 1, 'write `a: "one: two"`'),
        ("a: @one\n", 1, 'write `a: "@one"`'),
        ('a: "one\nb: 2\n', 1, 'write `a: "one"`'),
    ],
)
def test_a_slip_in_yaml_is_told_at_its_own_line(text: str, line: int, hint: str) -> None:
    with pytest.raises(Fault) as caught:
        read("x.yaml", text.encode())
    told = caught.value.diagnostics[0]
    assert (told.code, told.line, told.hint) == ("yaml.syntax", line, hint)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ('{\n "a": 1,\n}', 2, 'write `"a": 1`'),
        ('{\n "a": 1\n "b": 2\n}', 2, 'write `"a": 1,`'),
        ('{\n "a": True\n}', 2, 'write `"a": true`'),
        ('{\n "a": 1 // one\n}', 2, 'write `"a": 1`'),
        ('{\n "a" 1\n}', 2, 'write `"a": 1`'),
    ],
)
def test_a_slip_in_json_is_told_at_its_own_line(text: str, line: int, hint: str) -> None:
    with pytest.raises(Fault) as caught:
        read("x.json", text.encode())
    told = caught.value.diagnostics[0]
    assert (told.code, told.line, told.hint) == ("json.syntax", line, hint)


def test_what_no_single_repair_mends_keeps_the_place_of_the_parser() -> None:
    assert slips.slip("{]\n[}\n", 1, slips.json_repairs, lambda _text: False) is None


def test_a_huge_text_is_not_read_again_and_again() -> None:
    def never(_text: str) -> bool:
        raise AssertionError

    assert slips.slip(" " * (slips.SIZE_MAX + 1), 1, slips.json_repairs, never) is None


def test_a_repair_is_believed_only_when_the_text_can_be_read_then() -> None:
    found = slips.slip('{"a": True}', 1, slips.json_repairs, _is_json)
    assert found is not None
    assert found.hint == 'write `{"a": true}`'


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
