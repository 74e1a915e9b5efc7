from bartizan.model.errors import Diagnostic, Fault, fault


def test_a_fault_has_the_code_of_its_first_diagnostic_and_shows_all() -> None:
    raised = Fault(
        [Diagnostic(code="a.first", message="one"), Diagnostic(code="a.second", message="two")]
    )
    assert raised.code == "a.first"
    assert str(raised) == "error[a.first]: one\nerror[a.second]: two"


def test_a_short_fault_has_one_diagnostic() -> None:
    assert fault("a.b", "c", hint="d").diagnostics == (
        Diagnostic(code="a.b", message="c", hint="d"),
    )
