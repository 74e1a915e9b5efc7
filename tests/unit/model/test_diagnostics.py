from bartizan.model.diagnostics import Diagnostic, Location


def test_a_diagnostic_shows_place_snippet_caret_and_hint() -> None:
    shown = Diagnostic(
        code="config.unknown-key",
        message="unknown key `rate_limits`",
        file="bartizan.yaml",
        line=14,
        column=5,
        snippet="    rate_limits: 100/min",
        hint="did you mean `limits`?",
        length=11,
    ).render()
    assert shown == (
        "error[config.unknown-key]: unknown key `rate_limits`\n"
        "  --> bartizan.yaml:14:5\n"
        "14 |     rate_limits: 100/min\n"
        "   |     ^^^^^^^^^^^\n"
        "hint: did you mean `limits`?"
    )


def test_a_diagnostic_without_a_place_is_one_line() -> None:
    assert Diagnostic(code="a.b", message="c", severity="warning").render() == "warning[a.b]: c"


def test_a_location_without_line_is_the_file() -> None:
    assert str(Location("a.yaml")) == "a.yaml"
    assert str(Location("a.yaml", 3, 1)) == "a.yaml:3:1"
