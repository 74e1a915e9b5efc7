import pytest

from tests.unit.policy.configured import configured, refused


def test_a_test_names_request_and_verdict() -> None:
    (case,) = configured("tests: [{ request: GET /a, expect: deny, code: parse.bad-host }]\n").tests
    assert (case.request, case.expect, case.code, case.times) == (
        "GET /a",
        "deny",
        "parse.bad-host",
        1,
    )
    assert case.principal is None


def test_a_body_is_any_value() -> None:
    text = "tests:\n  - { request: POST /a, expect: allow, body: { n: [1, null] } }\n"
    assert configured(text).tests[0].body == {"n": [1, None]}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("tests: [{ request: GET /a }]", "config.missing-key", 2),
        ("tests: [{ request: /a, expect: deny }]", "config.wrong-value", 2),
        ("tests: [{ request: GET /a, expect: denied }]", "config.unknown-word", 2),
        ("tests:\n  - request: GET /a\n    expect: deny\n    code: parse.bad-hst", "policy.unknown-rule", 5),
        ("tests:\n  - request: GET /a\n    expect: allow\n    code: parse.bad-host", "config.conflict", 5),
    ],
)  # fmt: skip
def test_a_mistake_in_a_test_is_told_at_its_line(text: str, code: str, line: int) -> None:
    assert refused(text + "\n") == [(code, line)]
