import json as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import Fault
from bartizan.policy.json import find, parse


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a": 1,\n "a": 2}', "json.duplicate-key", (2, 2)),
        ('{"b": {"a": 1},\n "c": {"x": [1, {"a": 2}],\n  "a": 1, "a": 2}}', "json.duplicate-key", (3, 11)),
        ('{"a": 1,}', "json.syntax", (1, 9)),
        ('{"a": NaN}', "json.number", (0, 0)),
        ('{"a"\n 1}', "json.syntax", (2, 2)),
        ("[" * 100_000, "json.too-deep", (0, 0)),
    ],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused_at_its_place(
    text: str, code: str, place: tuple[int, int]
) -> None:
    with pytest.raises(Fault) as caught:
        parse(text, "a.json")
    one = caught.value.diagnostics[0]
    assert (one.code, (one.line, one.column)) == (code, place)


def test_places_are_found_in_the_text() -> None:
    text = '{\n  "a": [1, {"b~/": "}"}],\n  "c": {"d": null}\n}'
    assert find(text, "/a") == (2, 3)
    assert find(text, "/a/1/b~0~1") == (2, 13)
    assert find(text, "/a/1/b~0~1", value=True) == (2, 20)
    assert find(text, "/c/d") == (3, 9)
    assert find(text, "/c/none/x") == (3, 3)
    assert find(text, "/a/7") == (2, 3)


@given(
    st.recursive(st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i))
)
def test_the_place_of_every_value_begins_that_value(value: object) -> None:
    text = standard.dumps(value, indent=1)
    lines = text.split("\n")
    for pointer, inner in walk("", value):
        line, column = find(text, pointer, value=True)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert standard.JSONDecoder().raw_decode(rest)[0] == inner


def walk(at: str, value: object) -> list[tuple[str, object]]:
    found = [(at, value)]
    if isinstance(value, list):
        for index, one in enumerate(value):
            found += walk(f"{at}/{index}", one)
    if isinstance(value, dict):
        for key, one in value.items():
            found += walk(f"{at}/{key.replace('~', '~0').replace('/', '~1')}", one)
    return found
