import pytest

from bartizan.policy.document import read
from bartizan.policy.interpolate import Interpolated
from bartizan.policy.reading import INVALID, Reading, below, show
from tests.unit.policy.configured import reading


def of_file(text: str, origins: dict[str, str] | None = None) -> Reading:
    one = reading(origins)
    one.document = read("bartizan.yaml", text.encode())
    return one


def test_a_fault_of_the_file_has_its_line_and_snippet() -> None:
    one = of_file("a: 1\nb:\n  c: 2\n")
    assert one.report("/b/c", "config.wrong-value", "wrong") is INVALID
    (fault,) = one.diagnostics
    assert (fault.line, fault.column, fault.severity) == (3, 6, "error")
    assert "c: 2" in fault.snippet


def test_a_fault_of_a_flag_names_the_flag_and_no_line() -> None:
    one = of_file("a: 1\n", {"/a": "--a"})
    one.report("/a", "config.wrong-value", "wrong")
    (fault,) = one.diagnostics
    assert (fault.message, fault.line) == ("wrong (from --a)", 0)


def test_an_origin_counts_for_everything_below_it() -> None:
    one = reading({"/auth": "environment BARTIZAN_AUTH"})
    assert one.origin("/auth/oidc") == "environment BARTIZAN_AUTH"
    assert one.origin("/authority") == ""


def test_faults_that_follow_from_an_unfilled_expression_are_not_kept() -> None:
    one = reading()
    one.unfilled.add("/a")
    assert one.report("/a", "config.wrong-value", "wrong") is INVALID
    assert one.diagnostics == []


def test_a_warning_is_kept_apart() -> None:
    one = reading()
    one.report("/a", "config.plain-secret", "seen", warning=True)
    assert one.diagnostics == []
    assert [warning.severity for warning in one.warnings] == ["warning"]


def test_a_secret_value_is_never_in_the_message() -> None:
    one = reading()
    one.wrong("/pepper", "a text", "canary-5e", secret=True)
    one.wrong("/port", "a number", "canary-5e")
    assert "canary" not in one.diagnostics[0].message
    assert "`canary-5e`" in one.diagnostics[1].message


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "empty"),
        (True, "`true`"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        (Interpolated("filled", "${VAR}"), "`${VAR}`"),
        ("x" * 90, f"`{'x' * 60}`"),
    ],
)
def test_a_value_is_shown_as_it_was_written(value: object, shown: str) -> None:
    assert show(value) == shown


def test_locate_falls_back_to_the_default_without_a_file() -> None:
    assert str(reading().locate("/a")) == "default"
    assert str(reading({"/a": "--a"}).locate("/a")) == "--a"


def test_keys_below_a_pointer_are_escaped() -> None:
    assert below("/operations", "GET /a") == "/operations/GET ~1a"
    assert below("/limits", 2) == "/limits/2"
