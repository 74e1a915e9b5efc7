import pytest

from bartizan.model.errors import Fault
from bartizan.policy.document import is_json, read


def test_json_and_yaml_are_told_apart_by_their_first_characters() -> None:
    assert is_json('  {"a": 1}')
    assert is_json("{}")
    assert not is_json("{a: 1}")
    assert not is_json("a: 1")


def test_a_diagnostic_shows_the_line_and_underlines_the_word() -> None:
    document = read("a.yaml", b"a: 1\nlimits: { rat: 5/min, per: x }\n")
    one = document.diagnostic("/limits/rat", code="x.y", message="m")
    assert (one.line, one.column, one.length) == (2, 11, 3)
    assert one.snippet == "limits: { rat: 5/min, per: x }"
    value = document.diagnostic("/limits/rat", code="x.y", message="m", value=True)
    assert (value.column, value.length) == (16, 5)


def test_a_line_with_a_secret_is_not_shown() -> None:
    document = read("a.json", b'{"pepper": "canary"}')
    assert document.diagnostic("/pepper", code="x.y", message="m", secret=True).snippet == ""


@pytest.mark.parametrize(
    ("raw", "code"), [(b"\xff\xfe", "document.not-utf8"), (b" \n", "document.empty")]
)
def test_what_is_no_text_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Fault) as caught:
        read("a.yaml", raw)
    assert caught.value.code == code


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read("a.yaml", b"\xef\xbb\xbfa: 1").data == {"a": 1}


def test_of_a_long_line_the_part_around_the_fault_is_shown_with_its_pointer() -> None:
    many = ", ".join(f'"key{number}": {number}' for number in range(2_000))
    document = read("a.json", f'{{"a": {{{many}}}}}'.encode())
    told = document.diagnostic("/a/key1500", code="a.b", message="m")
    _, place, line, mark = told.render().split("\n")
    assert place.endswith(f"a.json:1:{told.column} (/a/key1500)")
    assert max(len(line), len(mark)) < 120
    assert line[mark.index("^") : mark.rindex("^") + 1] == '"key1500"'
    assert told.column > 10_000
