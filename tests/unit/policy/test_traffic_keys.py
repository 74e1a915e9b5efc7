import pytest

from tests.unit.policy.configured import configured, refused


def test_a_limit_counts_by_principal_unless_written() -> None:
    (limit,) = configured("limits: { rate: 5/s }").limits
    assert (limit.per, limit.burst, limit.operations) == (("principal",), None, ())


def test_limits_may_be_a_list() -> None:
    text = "limits: [{ rate: 5/s, per: [address, operation] }, { concurrency: 9, per: all }]"
    first, second = configured(text).limits
    assert (first.per, second.concurrency) == (("address", "operation"), 9)


@pytest.mark.parametrize(
    "text",
    [
        "limits: { per: address }",
        "limits: { rate: 5/s, concurrency: 5 }",
        "limits: { concurrency: 5, burst: 5 }",
        "limits: { rate: 5/s, per: [all, address] }",
        "exceptions: [{ rule: match.unknown-path }]",
        "exceptions: [{ rule: match.unknown-path, operation: GET /a, path: GET /b }]",
        "exceptions: [{ rule: inspect.body-schema, path: GET /b }]",
    ],
)
def test_what_cannot_hold_together_is_a_conflict(text: str) -> None:
    assert refused(text) == [("config.conflict", 2)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("operations: { /login: {} }", "config.wrong-key"),
        ("limits: { rate: 5/s, name: 'a b' }", "config.wrong-value"),
        ("controls: { inspekt: shadow }", "config.unknown-key"),
        ('shape: { headers: { x-a: "a\\nb" } }', "config.wrong-value"),
    ],
)
def test_a_wrong_word_is_refused_at_its_line(text: str, code: str) -> None:
    assert refused(text) == [(code, 2)]


def test_responses_are_shaped_safely_unless_written() -> None:
    shape = configured("").shape
    assert (shape.fields, shape.scrub_errors, shape.no_store) == ("remove", True, True)


def test_settings_of_one_operation_are_kept_by_its_name() -> None:
    config = configured('operations: { "POST /login": { limits: { rate: 5/min, per: address } } }')
    (limit,) = config.operations["POST /login"].limits
    assert str(limit.rate) == "5/min"
