from bartizan.model.errors import Diagnostic
from bartizan.policy.edit import UNWRITTEN
from bartizan.policy.parts import Names
from bartizan.policy.rules import check_exceptions, check_relax, classes, tell_unwritten
from tests.unit.policy.configured import configured

KNOWN = {
    "parse.head-name": "content",
    "inspect.body-schema": "contract",
    "identify.token-missing": "credential",
}


def relaxed(text: str) -> list[Diagnostic]:
    faults: list[Diagnostic] = []
    check_relax(configured(text), faults, KNOWN)
    return faults


def excepted(text: str) -> tuple[list[dict[str, object]], list[Diagnostic]]:
    config = configured(text)
    faults: list[Diagnostic] = []
    names = Names([("GET /a", "/a"), ("GET /b", "/b")], config, faults)
    return check_exceptions(config, names, faults, KNOWN), faults


def test_a_content_rule_can_be_relaxed_everywhere_and_for_one_operation() -> None:
    assert relaxed("relax: [parse.head-name]\n") == []
    assert relaxed('operations: { "GET /a": { relax: [parse.head-name] } }\n') == []


def test_a_rule_that_is_not_there_would_relax_nothing_so_it_is_a_fault() -> None:
    (fault,) = relaxed("relax: [parse.head-nam]\n")
    assert (fault.code, fault.hint) == ("policy.unknown-rule", "did you mean `parse.head-name`?")


def test_a_credential_cannot_be_relaxed() -> None:
    (fault,) = relaxed("relax: [identify.token-missing]\n")
    assert fault.code == "policy.rule-cannot-be-relaxed"


def test_an_exception_is_written_for_each_operation_it_names() -> None:
    made, faults = excepted('exceptions: [{ rule: inspect.body-schema, operation: "*" }]\n')
    assert [one["operation"] for one in made] == ["GET /a", "GET /b"]
    assert faults == []


def test_a_credential_takes_no_exception() -> None:
    _, faults = excepted('exceptions: [{ rule: identify.token-missing, operation: "GET /a" }]\n')
    assert [one.code for one in faults] == ["policy.rule-cannot-be-excepted"]


def test_an_undeclared_route_is_named_by_its_path() -> None:
    config = configured("exceptions: [{ rule: match.unknown-path, path: get /health }]\n")
    faults: list[Diagnostic] = []
    names = Names([], config, faults)
    (made,) = check_exceptions(config, names, faults, {"match.unknown-path": "contract"})
    assert (made["operation"], made["path"]) == ("", "GET /health")


def test_the_classes_are_those_of_the_core() -> None:
    assert classes()["inspect.body-schema"] == "contract"


def test_an_exception_that_was_pasted_without_a_reason_is_told_at_its_line() -> None:
    text = f"""\
exceptions:
  - {{ rule: match.unknown-path, path: GET /a, reason: old app }}
  - rule: match.unknown-path
    path: GET /b
    reason: {UNWRITTEN}
"""
    told: list[Diagnostic] = []
    tell_unwritten(configured(text), told)
    (one,) = told
    assert (one.code, one.line, one.severity) == ("policy.unwritten-reason", 6, "warning")
