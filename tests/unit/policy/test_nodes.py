import pytest

from bartizan.policy.nodes import Node, tree
from bartizan.policy.yaml import parse

TEXT = """\
# ä
a: 1   # one
b:
  - x: [p, "q"]
    y: |
      long
      text

  - &n { z: ~ }
c: *n
d:
"""


def spans(node: Node) -> dict[str, str]:
    return {key.text: TEXT[value.start : value.end] for key, value in node.entries}


def root() -> Node:
    found = tree(TEXT)
    assert found is not None
    return found


def test_the_span_of_a_node_is_what_it_wrote() -> None:
    found = spans(root())
    assert (found["a"], found["c"], found["d"]) == ("1", "*n", "")
    assert found["b"].startswith("- x:")
    assert found["b"].endswith("{ z: ~ }")
    listed = root().entry("b")
    assert listed is not None
    first, second = listed[1].items
    assert spans(first) == {"x": '[p, "q"]', "y": "|\n      long\n      text"}
    assert (first.column, first.is_flow, second.is_flow) == (4, False, True)


def test_what_a_node_says_is_what_the_reader_reads() -> None:
    data = parse(TEXT, "")
    assert isinstance(data, dict)
    for key, value in root().entries:
        if not value.is_alias:
            assert value.value(TEXT) == data[key.text], key.text


def test_a_path_is_followed_step_by_step() -> None:
    listed = root().entry("b")
    assert listed is not None
    item = listed[1].entry(1)
    assert item is not None
    assert item[1].entries[0][1].is_null
    assert (listed[1].entry(2), root().entry("x"), root().entry(0)) == (None, None, None)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_a_text_without_data_has_no_root_that_holds_anything(text: str) -> None:
    found = tree(text)
    assert found is None or found.is_empty
