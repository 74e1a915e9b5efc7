import textwrap

import pytest

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document, read
from bartizan.policy.overlay_entries import Overlay
from bartizan.policy.pointer import follow
from bartizan.policy.sources import read as read_description
from bartizan.policy.sources.overlay import lay

BASE = """
openapi: 3.1.0
info: { title: t, version: '1' }
tags: [{ name: a }, { name: b }]
paths:
  /users:
    get: { summary: list }
  /debug:
    get: { summary: dump }
"""


def laid(actions: str, version: str = "1.1.0") -> tuple[Document, list[Diagnostic]]:
    head = f"overlay: {version}\ninfo: {{ title: o, version: '1' }}\nactions:\n"
    overlay = read("overlay.yaml", (head + textwrap.dedent(actions)).encode())
    told: list[Diagnostic] = []
    return lay(read("openapi.yaml", BASE.encode()), [overlay], told), told


def at(document: Document, pointer: str) -> object:
    return follow(document.data, pointer)


def test_an_update_merges_mappings_and_its_lines_are_those_of_the_overlay() -> None:
    document, told = laid("""
    - target: $.paths['/users'].get
      update:
        summary: all users
        x-owner: team-a
    """)
    assert at(document, "/paths/~1users/get") == {"summary": "all users", "x-owner": "team-a"}
    assert told == []
    for pointer, file, line in [
        ("/paths/~1users/get/summary", "overlay.yaml", 7),
        ("/paths/~1users/get/x-owner", "overlay.yaml", 8),
        ("/paths/~1users/get", "openapi.yaml", 7),
        ("/paths/~1debug/get/summary", "openapi.yaml", 9),
    ]:
        place = document.locate(pointer)
        assert (place.file, place.line) == (file, line), pointer
        one = document.diagnostic(pointer, code="a.b", message="m")
        assert (one.file, one.line) == (file, line)


def test_a_new_part_is_placed_wholly_in_the_overlay() -> None:
    document, _ = laid("""
    - target: $.paths
      update:
        /new:
          get: { summary: n }
    """)
    place = document.locate("/paths/~1new/get/summary")
    assert (place.file, place.line) == ("overlay.yaml", 8)


def test_a_removal_takes_out_and_leaves_the_lines_of_the_rest() -> None:
    document, told = laid("""
    - { target: "$.paths['/debug']", remove: true }
    - { target: "$.tags[?@.name == 'a']", remove: true }
    """)
    assert list(document.data["paths"]) == ["/users"]  # type: ignore[index]
    assert at(document, "/tags") == [{"name": "b"}]
    assert told == []
    assert document.locate("/tags/0/name").column > document.locate("/tags").column + 10


def test_lists_take_items_and_single_values_are_replaced() -> None:
    document, _ = laid("""
    - { target: $.tags, update: { name: c } }
    - { target: $, update: { tags: [{ name: d }] } }
    - { target: $.info.title, update: new }
    """)
    assert at(document, "/tags") == [{"name": one} for one in "abcd"]
    assert at(document, "/info/title") == "new"
    assert document.locate("/tags/2").line == 5
    assert document.locate("/info/title").file == "overlay.yaml"


def test_a_list_takes_the_items_of_a_list_since_1_1_and_the_list_itself_before() -> None:
    action = "- { target: $.tags, update: [{ name: c }, { name: d }] }"
    document, _ = laid(action)
    assert at(document, "/tags") == [{"name": one} for one in "abcd"]
    assert document.locate("/tags/3/name").column > document.locate("/tags/2/name").column
    document, _ = laid(action, "1.0.0")
    assert at(document, "/tags/2") == [{"name": "c"}, {"name": "d"}]


def test_a_copy_of_1_1_takes_another_part_of_the_document() -> None:
    action = """
    - target: $.paths['/debug'].get
      copy: $.paths['/users'].get
    """
    document, _ = laid(action)
    assert at(document, "/paths/~1debug/get/summary") == "list"
    assert document.locate("/paths/~1debug/get/summary").line == 7
    with pytest.raises(Fault):
        laid(action, "1.0.0")


def test_what_is_done_to_one_target_does_not_reach_another() -> None:
    document, _ = laid("""
    - target: $.paths.*.get
      update: { x-list: [] }
    - target: $.paths['/users'].get['x-list']
      update: 1
    """)
    assert at(document, "/paths/~1users/get/x-list") == [1]
    assert at(document, "/paths/~1debug/get/x-list") == []


@pytest.mark.parametrize(
    ("actions", "code", "line"),
    [
        ("- { target: $.nothing, remove: true }", "overlay.no-match", 4),
        ("- { target: $.info, update: {}, remove: true }", "overlay.no-effect", 4),
        ("- { target: $.info, update: {}, delete: true }", "overlay.no-effect", 4),
        ("- { target: $.info, update: {} }\nextend: a.yaml", "overlay.no-effect", 5),
    ],
)
def test_an_action_that_does_nothing_is_told(actions: str, code: str, line: int) -> None:
    _, told = laid(actions)
    assert [(one.code, one.line, one.severity) for one in told] == [(code, line, "warning")]


@pytest.mark.parametrize(
    ("actions", "code"),
    [
        ("- { target: '$.a[', remove: true }", "overlay.target"),
        ("- { target: a b c, remove: true }", "overlay.target"),
        ("- { target: $, remove: true }", "overlay.target"),
        ("- { update: {} }", "overlay.action"),
        ("- { target: $.info }", "overlay.action"),
        ("- { target: $.info, update: 5 }", "overlay.action"),
        ("- { target: $, update: { info: [] } }", "overlay.action"),
        ("- { target: $.info, copy: $.paths.* }", "overlay.target"),
        ("- { target: $.info, remove: 'true' }", "overlay.action"),
        ("- { target: '$.*', update: {} }", "overlay.target"),
        ("- 5", "overlay.action"),
    ],
)
def test_an_action_that_cannot_be_done_stops_with_its_place(actions: str, code: str) -> None:
    with pytest.raises(Fault) as raised:
        laid(actions)
    (one,) = raised.value.diagnostics
    assert (one.code, one.file) == (code, "overlay.yaml")
    assert one.line in {3, 4}


@pytest.mark.parametrize(
    ("text", "code"),
    [("openapi: 3.1.0", "overlay.not-overlay"), ("overlay: 2.0.0", "overlay.version")],
)
def test_what_is_no_overlay_of_1_x_is_refused(text: str, code: str) -> None:
    with pytest.raises(Fault) as raised:
        lay(read("openapi.yaml", BASE.encode()), [read("o.yaml", text.encode())], [])
    assert raised.value.code == code


def test_a_description_is_read_with_its_overlays() -> None:
    files = {
        "openapi.yaml": BASE,
        "o.yaml": "overlay: 1.0.0\nactions:\n  - target: $.paths['/users'].get\n"
        "    update:\n      parameters: [{ name: q, in: query, schema: { type: nothing } }]\n"
        "  - { target: $.none, remove: true }\n",
    }
    description = read_description(
        "openapi.yaml", lambda name: files[name].encode(), overlays=(Overlay("o.yaml"),)
    )
    one = description.operations[0]
    ((spot, reason),) = description.schemas.problems(one.draft.keys)
    assert reason == "type `nothing` is not one of JSON Schema"
    place = description.locate(spot)
    assert (place.file, place.line) == ("o.yaml", 5)
    assert [(told.code, told.line) for told in description.warnings] == [("overlay.no-match", 6)]
