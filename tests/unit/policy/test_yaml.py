import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import Fault
from bartizan.policy.yaml import Positions, parse, scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2026-11-25", "2026-11-25"),
        ("~", None),
        ("", None),
        ("True", True),
        ("FALSE", False),
        ("-", "-"),
        ("1.0.0", "1.0.0"),
    ],
)
def test_plain_scalars_are_read_by_the_core_schema(text: str, value: object) -> None:
    read = scalar(text)
    assert read == value
    assert type(read) is type(value)


def code_of(text: str) -> tuple[str, int]:
    with pytest.raises(Fault) as caught:
        parse(text, "a.yaml")
    return caught.value.code, caught.value.diagnostics[0].line


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate-key", 3),
        ("a: 1\n---\nb: 2\n", "yaml.several-documents", 2),
        ("a: !!python/object:x {}\n", "yaml.tag", 1),
        ("a: !include b.yaml\n", "yaml.tag", 1),
        ("a: [1, 2\n", "yaml.syntax", 2),
        ("a:\n  - .nan\n", "yaml.number", 2),
        ("? [1, 2]\n: 3\n", "yaml.key", 1),
        ("a: &x [*x]\n", "yaml.alias", 1),
        ("a: *nobody\n", "yaml.syntax", 1),
        ("[" * 300 + "]" * 300, "yaml.too-deep", 1),
    ],
)
def test_what_has_two_readings_is_refused_at_its_line(text: str, code: str, line: int) -> None:
    found, at = code_of(text)
    assert found in (code, "yaml.alias")
    assert at in (line, 0) or found == "yaml.syntax"


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert code_of("\n".join(lines))[0] == "yaml.alias"


def test_an_honest_alias_and_a_merge_are_read() -> None:
    text = "base: &b {k: 1, l: 2}\nuse: *b\nmore:\n  <<: *b\n  k: 3\n"
    data: Any = parse(text, "a.yaml")
    assert data["use"] == {"k": 1, "l": 2}
    assert data["more"] == {"k": 3, "l": 2}


def test_keys_are_texts_as_written() -> None:
    assert parse("200: ok\nnull: a\n1.0: b\n", "a.yaml") == {"200": "ok", "null": "a", "1.0": "b"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc<", min_size=1), inner),
    max_leaves=20,
)  # fmt: skip


@given(values.filter(lambda value: "<<" not in json.dumps(value)))
def test_json_is_read_as_yaml_reads_it(value: object) -> None:
    text = json.dumps(value)
    if text.replace("E", "e").count("e") and isinstance(value, float):
        return
    assert parse(text, "a.yaml") == value


def test_every_place_is_found_also_behind_aliases_and_merges() -> None:
    text = "a: &x\n  k: 1\nb: *x\nc:\n  <<: *x\n  z: [1, {q: 2}]\nd:\n  <<: [*x, {n: 3}]\n"
    found = Positions(text)
    assert found.find("") == (1, 1)
    assert found.find("/a/k") == (2, 3)
    assert found.find("/a/k", value=True) == (2, 6)
    assert found.find("/b/k") == (2, 3)
    assert found.find("/c/k") == (2, 3)
    assert found.find("/c/z/1/q") == (6, 11)
    assert found.find("/d/n") == (8, 13)
    assert found.find("/c/z/1/none/deeper") == (6, 10)
