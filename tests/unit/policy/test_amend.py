import pytest

from bartizan.policy.amend import NotWritable, amended
from bartizan.policy.edit import Offer

EXCEPTION = {"rule": "inspect.body-schema", "operation": "POST /users/{id}", "reason": "old app"}
BLOCK = """\
  - rule: inspect.body-schema
    operation: "POST /users/{id}"
    reason: old app
"""
FLOW = '{ rule: inspect.body-schema, operation: "POST /users/{id}", reason: old app }'


def excepted(text: str) -> str:
    return amended(text, Offer("t", ("exceptions",), "append", EXCEPTION))


def put(text: str, value: object, *path: str | int) -> str:
    return amended(text, Offer("t", path, "set", value))


@pytest.mark.parametrize("text", ["", "# a config\n", "mode: shadow  # still\n\n# tail\n"])
def test_a_list_that_is_missing_is_begun_below_the_last_key(text: str) -> None:
    head, tail = (text, "") if "tail" not in text else ("mode: shadow  # still\n", "\n# tail\n")
    assert excepted(text) == f"{head}exceptions:\n{BLOCK}{tail}"


def test_a_file_without_a_last_line_end_gets_one() -> None:
    assert excepted("mode: shadow") == f"mode: shadow\nexceptions:\n{BLOCK}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "exceptions:\n  # first\n  - rule: a.b   # x\n    path: GET /a\n\n# next\n",
            f"exceptions:\n  # first\n  - rule: a.b   # x\n    path: GET /a\n{BLOCK}\n# next\n",
        ),
        (
            "exceptions:\n- { rule: a.b, path: GET /a } # x\nmode: shadow\n",
            f"exceptions:\n- {{ rule: a.b, path: GET /a }} # x\n- {FLOW}\nmode: shadow\n",
        ),
        ("exceptions: []\n", f"exceptions: [{FLOW}]\n"),
        ("exceptions: ~ # none\n", f"exceptions: [{FLOW}] # none\n"),
        ("exceptions:   # none\nmode: shadow\n", f"exceptions:   # none\n{BLOCK}mode: shadow\n"),
        ("exceptions: [ { rule: a.b }, ]\n", f"exceptions: [ {{ rule: a.b }}, {FLOW} ]\n"),
    ],
)
def test_an_item_comes_behind_the_last_one_in_its_manner(before: str, after: str) -> None:
    assert excepted(before) == after


def test_an_item_that_is_there_is_not_written_twice() -> None:
    once = excepted("mode: shadow\n")
    assert excepted(once) == once


def test_a_single_value_becomes_a_list() -> None:
    change = Offer("t", ("relax",), "append", "parse.semicolon")
    assert amended("relax: parse.bad-host # why\n", change) == (
        "relax: [parse.bad-host, parse.semicolon] # why\n"
    )


def test_a_value_is_put_in_place_of_another_and_nothing_else_moves() -> None:
    text = "# ä\noperations:\n  'GET /a': { body_max_bytes: 3, security: none }  # x\n"
    new = put(text, 9, "operations", "GET /a", "body_max_bytes")
    assert new == text.replace("3", "9")


def test_keys_on_the_way_are_made_where_they_belong() -> None:
    text = "operations:\n  GET /a: { limits: [] } # x\n  GET /b:\n    # nothing yet\nmode: shadow\n"
    flow = put(text, "shadow", "operations", "GET /a", "controls", "inspect")
    assert flow == text.replace("[] }", "[], controls: { inspect: shadow } }")
    empty = put(text, "none", "operations", "GET /b", "security")
    assert empty == text.replace("GET /b:\n", "GET /b:\n    security: none\n")
    other = put(text, "none", "operations", "GET /c", "security")
    assert other == text.replace("mode", "  GET /c:\n    security: none\nmode")


def test_of_a_mapping_only_the_keys_that_differ_are_touched() -> None:
    text = "limits:\n  - per: principal # who\n    burst: 5\n    rate: 100/min # how\n"
    new = put(text, {"per": "principal", "rate": "1000/min"}, "limits", 0)
    assert new == text.replace("    burst: 5\n", "").replace("100/min", "1000/min")
    flow = "limits: { rate: 100/min, burst: 5 } # how\n"
    assert put(flow, {"rate": "1000/min"}, "limits") == "limits: { rate: 1000/min } # how\n"
    first = "limits:\n  - burst: 5\n    rate: 1/s\n"
    assert put(first, {"rate": "1/s"}, "limits", 0) == "limits:\n  - rate: 1/s\n"


def test_a_mapping_of_other_keys_takes_the_place_of_the_old_one() -> None:
    new = put("auth: { oidc: a } # x\n", {"issuers": [{"issuer": "a"}]}, "auth")
    assert new == "auth: { issuers: [{ issuer: a }] } # x\n"


def test_a_longer_list_keeps_its_items_and_their_comments() -> None:
    text = "auth:\n  audience:\n    - a # ours\n"
    assert put(text, ["a", "b"], "auth", "audience") == f"{text}    - b\n"


def test_json_stays_json() -> None:
    import json

    wide = '{\n\t"mode": "shadow",\n\t"upstream": "http://a"\n}\n'
    new = excepted(wide)
    assert json.loads(new)["exceptions"] == [EXCEPTION]
    assert new.startswith('{\n\t"mode": "shadow",\n\t"upstream": "http://a",\n\t"exceptions": ')


def test_line_ends_stay_those_of_the_file() -> None:
    made = f"mode: shadow\nexceptions:\n{BLOCK}".replace("\n", "\r\n")
    assert excepted("mode: shadow\r\n") == made


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("x: &l [a]\nrelax: *l\n", ("relax",)),
        ("relax: &l [a]\nx: *l\n", ("relax",)),
        (
            "operations: &o\n  GET /a: { security: none }\nmore: *o\n",
            ("operations", "GET /a", "relax"),
        ),
        ("operations: text\n", ("operations", "GET /a", "relax")),
        ("relax: [\n", ("relax",)),
    ],
)
def test_what_only_a_person_can_change_is_left_alone(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(NotWritable):
        amended(text, Offer("t", path, "append", "parse.semicolon"))


def test_a_comment_inside_of_what_goes_is_not_lost_in_silence() -> None:
    with pytest.raises(NotWritable, match="comment"):
        put("csrf:\n  origins:\n    - a # ours\n    - c\n", ["b"], "csrf", "origins")
