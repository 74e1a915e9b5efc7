from pathlib import Path
from typing import Any

import pytest

from bartizan.model.errors import Diagnostic
from bartizan.policy.parts import Names
from bartizan.policy.security import OWN_TOKEN, Alternatives, Security, api_keys_of
from bartizan.policy.site import Site
from tests.unit.policy.configured import configured
from tests.unit.policy.sources.describe import described

PATHS = """
paths:
  /a:
    get: { security: [{ token: [read] }, { basic: [] }], responses: {} }
    post: { responses: {} }
components:
  securitySchemes:
    token: { type: http, scheme: bearer }
    key: { type: apiKey, in: header, name: X-Key }
    basic: { type: http, scheme: basic }
    mutual: { type: mutualTLS }
"""
OPEN = "paths: { /a: { get: { responses: {} } } }"
OIDC = "oidc: https://idp.example.com, audience: api"
KEYS = f'api_keys: {{ pepper: "x", keys: [{{ id: a, digest: {"a" * 64} }}] }}'
Found = tuple[Security, list[Diagnostic], list[Diagnostic]]


def secured(text: str, paths: str = PATHS) -> Found:
    faults: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    config = configured(text)
    site = Site.of(config, described(paths, "3.1.0"))
    return Security(config, site, faults, warnings), faults, warnings


def alternatives(text: str, method: str) -> list[list[str]]:
    config, description = configured(text), described(PATHS, "3.1.0")
    security = Security(config, Site.of(config, description), [], [])
    operation = next(one for one in description.operations if one.method == method)
    settings = tuple(config.operations.values())
    names = [str(form["name"]) for form in security.schemes]
    made: Alternatives = security.of(operation, settings)
    names = [str(form["name"]) for form in security.schemes]
    return [
        [names[one["scheme"]] for one in group if isinstance(one["scheme"], int)] for group in made
    ]


@pytest.mark.parametrize(
    ("auth", "verify"),
    [
        ("{}", {"token": "presence", "key": "presence"}),
        (f"{{ {OIDC} }}", {"token": "token", "key": "presence"}),
        (f"{{ {KEYS} }}", {"token": "presence", "key": "api-key"}),
    ],
)
def test_a_scheme_is_verified_by_what_we_hold(auth: str, verify: dict[str, str]) -> None:
    security, _, _ = secured(f"auth: {auth}\n")
    found = {str(one["name"]): one["verify"] for one in security.schemes}
    assert {name: found[name] for name in verify} == verify
    assert found["basic"] == "presence"


def test_presence_only_is_told_with_its_line() -> None:
    _, _, warnings = secured(f"auth: {{ {OIDC} }}\n")
    told = [one.message for one in warnings if one.code == "policy.presence-only"]
    assert any("`basic`" in one for one in told)
    assert any("client certificate" in one for one in told)


def test_declared_alternatives_stay_as_they_are_written() -> None:
    assert alternatives(f"auth: {{ {OIDC} }}\n", "GET") == [["token"], ["basic"]]
    assert alternatives(f"auth: {{ {OIDC} }}\n", "POST") == []


def test_always_adds_a_verified_credential_where_nobody_is_verified() -> None:
    text = f"auth: {{ {OIDC}, require: always }}\n"
    assert alternatives(text, "GET") == [["token"], ["basic", "token"]]
    assert alternatives(text, "POST") == [["token"]]
    both = f"auth: {{ {OIDC}, {KEYS}, require: always }}\n"
    assert alternatives(both, "POST") == [["token"], ["key"]]


def test_a_scheme_of_our_own_is_added_where_none_is_declared() -> None:
    security, _, _ = secured(f"auth: {{ {OIDC}, require: always }}\n", OPEN)
    (operation,) = described(OPEN).operations
    ((one,),) = security.of(operation, ())
    assert isinstance(one["scheme"], int)
    assert security.schemes[one["scheme"]]["name"] == OWN_TOKEN


def test_none_opens_one_operation_and_required_closes_one() -> None:
    opened = f'auth: {{ {OIDC} }}\noperations: {{ "GET /a": {{ security: none }} }}\n'
    assert alternatives(opened, "GET") == []
    closed = f'auth: {{ {OIDC} }}\noperations: {{ "POST /a": {{ security: required }} }}\n'
    assert alternatives(closed, "POST") == [["token"]]


def test_a_missing_audience_is_a_fault_in_enforce_and_a_warning_in_shadow() -> None:
    auth = "auth: { oidc: https://idp.example.com }\n"
    _, faults, _ = secured(auth + "mode: enforce\n")
    assert [one.code for one in faults] == ["policy.audience-missing"]
    assert "`audience: any`" in faults[0].hint
    listed = "auth: { issuers: [{ issuer: https://idp.example.com }] }\nmode: enforce\n"
    assert "`audience_rule: any`" in secured(listed)[1][0].hint
    _, faults, warnings = secured(auth)
    assert faults == []
    assert "policy.audience-missing" in {one.code for one in warnings}


JWKS = "auth:\n  issuers: [{ issuer: https://idp.example.com, audiences: [a], jwks: %s }]\n"


def test_a_file_of_keys_that_is_not_there_yet_is_told(
    tmp_path: Path,
) -> None:
    there = tmp_path / "keys.json"
    there.write_text('{"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}]}')
    told = {one.code: one.line for one in secured(JWKS % "nokeys.json")[2]}
    assert told.get("config.unreadable-file") == 3
    _, faults, warnings = secured(JWKS % "nokeys.json" + "mode: enforce\n")
    assert faults == []
    assert "config.unreadable-file" in {one.code for one in warnings}
    for place in (there, "https://idp.example.com/keys"):
        assert "config.unreadable-file" not in {one.code for one in secured(JWKS % place)[2]}
        assert secured(JWKS % place + "mode: enforce\n")[1] == []


def test_a_private_key_in_the_place_of_a_key_set_is_refused_in_every_mode(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    pem.write_text("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n")
    for mode in ("shadow", "enforce"):
        _, faults, _ = secured(JWKS % pem + f"mode: {mode}\n")
        assert [one.code for one in faults] == ["policy.private-key"]
        assert "PRIVATE key" in faults[0].message
        assert "AA==" not in faults[0].render()


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_a_key_set_without_a_key_is_told(mode: str, tmp_path: Path) -> None:
    empty = tmp_path / "keys.json"
    empty.write_text('{"keys": []}')
    _, faults, warnings = secured(JWKS % empty + f"mode: {mode}\n")
    assert faults == []
    assert "policy.no-usable-key" in {one.code for one in warnings}


@pytest.mark.parametrize(
    ("schemes", "code"),
    [
        ("{ tokn: token }", "policy.unknown-scheme"),
        ("{ key: api-key }", "policy.scheme-without-keys"),
    ],
)
def test_a_scheme_setting_that_cannot_hold_is_a_fault(schemes: str, code: str) -> None:
    _, faults, _ = secured(f"auth: {{ {OIDC}, schemes: {schemes} }}\n")
    assert [one.code for one in faults] == [code]


def test_a_key_of_the_config_opens_the_operations_that_it_names() -> None:
    def keys(operations: str) -> Any:
        text = KEYS.replace(" }] }", f", operations: {operations} }}] }}")
        found: list[Diagnostic] = []
        config = configured(f"auth: {{ {text} }}\n")
        names = Names([("GET /items", "/items"), ("POST /items", "/items")], config, found)
        return [one["operations"] for one in api_keys_of(config, names)], found

    assert keys("GET /items") == ([["GET /items"]], [])
    assert keys("[POST /items, get /items]") == ([["GET /items", "POST /items"]], [])
    assert keys("'*'") == ([["GET /items", "POST /items"]], [])
    (opened, (told,)) = keys("[GET /itmes]")
    assert opened == [[]]
    assert (told.code, told.hint) == ("policy.unknown-operation", "did you mean `GET /items`?")
