import pytest

from bartizan.console.rendering import (
    bold,
    counted,
    diagnostic,
    diagnostics,
    explanation,
    paint,
    plain,
    table,
)
from bartizan.model.errors import Diagnostic
from bartizan.policy.explain import Explanation, Field

ITEM = Diagnostic(
    code="config.unknown-key",
    message="unknown key `rate_limits`",
    file="bartizan.yaml",
    line=14,
    column=5,
    snippet="    rate_limits: 100/min",
    length=11,
    hint="did you mean `limits`?",
)


def test_a_diagnostic_shows_place_line_mark_and_hint() -> None:
    assert diagnostic(ITEM) == (
        "error[config.unknown-key]: unknown key `rate_limits`\n"
        "  --> bartizan.yaml:14:5\n"
        "14 |     rate_limits: 100/min\n"
        "   |     ^^^^^^^^^^^\n"
        "hint: did you mean `limits`?"
    )


def test_colour_adds_nothing_but_colour() -> None:
    coloured = diagnostic(ITEM, colour=True)
    assert "\033[31merror[config.unknown-key]\033[0m: unknown key" in coloured
    for code in ("\033[31m", "\033[34m", "\033[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == diagnostic(ITEM)


def test_several_diagnostics_stand_apart() -> None:
    assert diagnostics([ITEM, ITEM]) == f"{diagnostic(ITEM)}\n\n{diagnostic(ITEM)}"


@pytest.mark.parametrize("text", ["\033[2J", "a\rb", "x\u202ey", "\x07"])
def test_nothing_from_outside_steers_the_terminal(text: str) -> None:
    assert plain(text).isprintable()
    shown = diagnostic(Diagnostic(code="a.b", message=text, file="f", line=1, snippet=text))
    assert all(line.isprintable() for line in shown.splitlines())


def test_good_text_is_shown_as_it_is() -> None:
    assert plain("Grüße, 世界") == "Grüße, 世界"


def test_one_is_not_many() -> None:
    assert [counted(number, "time") for number in (0, 1, 2)] == ["0 times", "1 time", "2 times"]


def test_paint_is_off_without_colour() -> None:
    assert paint("a", "\033[31m", on=False) == "a"
    assert bold("a", on=True) == "\033[1ma\033[0m"


def test_a_table_aligns_words_left_and_numbers_right() -> None:
    assert table(("name", "count"), [("a", "5"), ("long", "1,000")]) == (
        "name  count\na         5\nlong  1,000"
    )
    assert table(("name",), []) == ""


def test_an_explanation_shows_every_field_or_why_it_is_missing() -> None:
    command = "bartizan admit 7"
    change = {"title": "relax it", "yaml": "relax:\n  - a.b\n", "command": command}
    fields = (
        Field("decision", {"verdict": "deny", "status": 400}),
        Field("rule", {"rule": "parse.bad-json", "also": ["a.b", "c.d"]}),
        Field("setting", {"file": "bartizan.yaml", "line": 3, "text": " relax: []"}),
        Field("place", {"field": "body", "value": None, "span": [1, 2]}),
        Field("why", {"why": "because"}),
        Field("without", None, "nothing was refused by a rule"),
        Field("caller", {"similar_in_24_h": 2}),
        Field("choices", {"change": change, "true_attack": "leave it"}),
    )
    text = explanation(Explanation("ref", fields, ()))
    assert "1 Decision\n    verdict  deny\n    status   400" in text
    assert "also  a.b, c.d" in text
    assert "3 Asked for by\n    bartizan.yaml:3\n    | relax: []" in text
    assert "6 Without it\n    not applicable: nothing was refused by a rule" in text
    made = "         to make it: bartizan admit 7\n"
    assert f"a) relax it:\n         relax:\n           - a.b\n{made}    b) leave it" in text
    assert text.endswith("7 of 8 fields, 1 not applicable")


def test_a_decision_shows_its_time_as_people_read_it() -> None:
    own = Field("decision", {"verdict": "deny", "time_ms": 1_000_000_005})
    assert "    time     1970-01-12 13:46:40 UTC\n" in explanation(Explanation("ref", (own,), ()))


def test_choices_without_exception_say_why() -> None:
    own = Field("choices", {"change": {"not_applicable": "a valid credential mends it"}})
    text = explanation(Explanation("ref", (own,), ()))
    assert "a) no exception: a valid credential mends it" in text


def test_a_request_that_nothing_stands_against_is_one_line() -> None:
    fine = "nothing stands against this request"
    fields = (
        Field("decision", {"verdict": "allow", "request": "GET /a"}),
        *(Field(name, None, fine) for name in ("rule", "setting", "place", "why", "without")),
        Field("caller", {"principal": "ann"}),
        Field("choices", None, fine),
    )
    assert explanation(Explanation("ref", fields, ())) == f"allow: GET /a by ann: {fine}"


def test_other_violations_are_told_one_a_line() -> None:
    also = [
        {"rule": "a.b", "field": "body#/age", "value": "70", "expected": "at most 9"},
        {"rule": "c.d"},
    ]
    own = Field("place", {"field": "body#/name", "value": "x", "also": also})
    text = explanation(Explanation("ref", (own,), ()))
    assert "also a.b at body#/age = 70; expected at most 9\n    also c.d at the exchange" in text
