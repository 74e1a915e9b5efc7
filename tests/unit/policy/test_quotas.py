from bartizan.model.errors import Diagnostic
from bartizan.policy.parts import Names
from bartizan.policy.quotas import Quotas
from tests.unit.policy.configured import configured

PLACED = [("GET /a", "/a"), ("POST /login", "/login")]


def quotas(text: str) -> tuple[Quotas, list[Diagnostic], list[int], list[int]]:
    config = configured(text)
    faults: list[Diagnostic] = []
    made = Quotas(config, Names(PLACED, config, faults))
    settings = config.operations
    own = tuple(settings[name] for name in ("*", "POST /login") if name in settings)
    every = tuple(settings[name] for name in ("*",) if name in settings)
    return made, faults, made.of("GET /a", every), made.of("POST /login", own)


def test_a_limit_without_operations_applies_everywhere() -> None:
    made, _, a, login = quotas("limits: { rate: 100/min }\n")
    (form,) = made.forms
    assert form["everywhere"] is True
    assert form["quota"] == {"kind": "rate", "count": 100, "window_ms": 60_000, "burst": 100}
    assert (form["name"], a, login) == ("default", [], [])


def test_a_limit_for_operations_belongs_to_them_alone() -> None:
    made, _, a, login = quotas("limits: { rate: 5/s, burst: 9, operations: POST /login }\n")
    assert made.forms[0]["everywhere"] is False
    assert (a, login) == ([], [0])


def test_a_limit_under_every_operation_is_one_limit_shared() -> None:
    made, _, a, login = quotas('operations: { "*": { limits: { concurrency: 5, per: all } } }\n')
    assert len(made.forms) == 1
    assert made.forms[0]["per"] == []
    assert (a, login) == ([0], [0])


def test_equal_names_are_told_apart() -> None:
    made, _, _, _ = quotas("limits: [{ rate: 5/s, name: x }, { rate: 9/min, name: x }]\n")
    assert [form["name"] for form in made.forms] == ["x", "x-2"]


def test_an_operation_that_is_not_there_is_a_fault() -> None:
    _, faults, _, _ = quotas("limits: { rate: 5/s, operations: POST /logn }\n")
    assert [one.code for one in faults] == ["policy.unknown-operation"]
