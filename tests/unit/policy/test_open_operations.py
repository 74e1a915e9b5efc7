import pytest

from tests.unit.policy.test_compile import ISSUER, compiled

TWO = """
{above}
paths:
  /a:
    get: {{ {get} }}
    put: {{ {put} }}
"""


def told(config: str = ISSUER, **written: str) -> list[str]:
    paths = TWO.format(**({"above": "", "get": "", "put": ""} | written))
    found = compiled(config, paths).own_warnings
    return [one.message for one in found if one.code == "policy.open-operations"]


def test_an_issuer_beside_a_description_without_security_is_told() -> None:
    (message,) = told()
    assert message.endswith("so no operation requires a token")
    assert told("mode: shadow\n") == []


@pytest.mark.parametrize("place", ["above", "both"])
def test_operations_that_the_document_says_require_a_token_are_not_told(place: str) -> None:
    mark = "x-bartizan-auth: required"
    both = {"get": mark, "put": mark}
    assert told(**({"above": mark} if place == "above" else both)) == []


def test_the_operations_that_are_left_open_are_named() -> None:
    (message,) = told(get="x-bartizan-auth: required")
    assert message.endswith("so `PUT /a` requires no token")


def test_what_is_opened_by_a_word_is_meant() -> None:
    assert told(get="x-bartizan-auth: required", put="x-bartizan-auth: none") == []
    assert told(ISSUER + "operations: { '*': { security: none } }\n") == []
    assert told(ISSUER.replace("api }", "api, require: always }")) == []


def test_an_operation_with_security_of_its_own_speaks_for_its_document() -> None:
    assert told(get="security: [{}]") == []


def keyless(config: str, **written: str) -> list[str]:
    paths = TWO.format(**({"above": "", "get": "", "put": ""} | written))
    found = compiled(config, paths).own_warnings
    return [one.hint for one in found if one.code == "policy.keys-unasked"]


ISSUED = "auth: { api_keys: { issued: true } }\n"
KEYED = "components: { securitySchemes: { k: { type: apiKey, in: header, name: X-K } } }"


def test_keys_that_no_operation_takes_are_told_with_the_header_that_would_work() -> None:
    (hint,) = keyless(ISSUED)
    assert "an overlay" in hint
    assert "`x-api-key`" in hint
    assert len(keyless(ISSUED, above=KEYED)) == 1
    assert keyless("mode: shadow\n") == []


def test_keys_that_an_operation_takes_are_not_told() -> None:
    assert keyless(ISSUED, above=KEYED, get="security: [{ k: [] }]") == []
    assert keyless(ISSUED.replace("true } }", "true }, require: always }")) == []
    assert keyless(ISSUED + "operations: { 'GET /a': { security: required } }\n") == []
