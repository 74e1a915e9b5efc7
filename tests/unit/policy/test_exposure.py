import json
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import Compiled
from tests.unit.policy.test_compile import ISSUER, compiled

PATHS = """
{above}
security: [{{ token: [] }}]
paths:
  /a:
    get: {{ {get} }}
    put: {{ security: [], {put} }}
components: {{ securitySchemes: {{ token: {{ type: http, scheme: bearer }} }} }}
"""


def made(config: str = "", **written: str) -> tuple[Compiled, dict[str, Any]]:
    text = PATHS.format(**({"above": "", "get": "", "put": ""} | written))
    one = compiled(ISSUER + config, text)
    return one, {form["id"]: form for form in json.loads(one.form)["operations"]}


def told(one: Compiled) -> list[str]:
    return [w.code for w in one.own_warnings]


INTERNAL = "x-bartizan-exposure: internal"
PARTNER = "x-bartizan-exposure: partner"
PUBLIC = "x-bartizan-exposure: public"
HOUSE = "internal: [10.0.0.0/8]\n"


def test_an_internal_operation_names_the_line_that_makes_it_so() -> None:
    one, forms = made(HOUSE, get=INTERNAL)
    assert json.loads(one.form)["internal"] == ["10.0.0.0/8"]
    place = forms["GET /a"]["internal"]
    assert one.locate(place["document"], place["pointer"]).line == 8
    assert forms["PUT /a"]["internal"] is None
    assert told(one) == []


def test_the_config_comes_before_the_document() -> None:
    _, forms = made(HOUSE + "operations: { GET /a: { exposure: public } }\n", above=INTERNAL)
    assert forms["GET /a"]["internal"] is None
    assert forms["PUT /a"]["internal"] is not None
    one, forms = made(HOUSE + "operations: { '*': { exposure: internal } }\n")
    place = forms["PUT /a"]["internal"]
    assert one.locate(place["document"], place["pointer"]).line == 4


def test_without_networks_enforce_does_not_start_and_shadow_is_warned() -> None:
    with pytest.raises(Fault) as caught:
        made("mode: enforce\n", get=INTERNAL)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.line) == ("policy.internal-unnamed", 8)
    assert "internal: [10.0.0.0/8]" in fault.hint
    assert told(made(get=INTERNAL)[0]) == ["policy.internal-unnamed"]
    assert told(made("mode: enforce\ninternal: []\n", get=INTERNAL)[0]) == []


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ("internal: [127.0.0.0/8]\n", True),
        ("internal: ['0.0.0.0/0']\n", True),
        ("internal: ['::1']\n", True),
        ("internal: [10.0.0.0/8]\n", False),
        ("internal: [127.0.0.0/8]\nlisten: 0.0.0.0:8080\n", False),
        ("internal: [127.0.0.0/8]\ntrusted_proxies: [127.0.0.1]\n", False),
    ],
)
def test_a_proxy_on_the_same_host_must_not_make_everybody_internal(
    more: str, is_told: bool
) -> None:
    assert ("policy.internal-everybody" in told(made(more, get=INTERNAL)[0])) is is_told


def test_partners_need_a_verified_credential_whatever_else_is_said() -> None:
    one, forms = made(put=PARTNER)
    (group,) = forms["PUT /a"]["security"]
    place = group[0]["source"]
    assert one.locate(place["document"], place["pointer"]).line == 9
    for opened in ("operations: { PUT /a: { security: none } }\n",):
        one, forms = made(opened, put=PARTNER)
        assert forms["PUT /a"]["security"] != []
        assert told(one) == ["policy.exposure-contradicts"]
    one, forms = made(put=f"{PARTNER}, x-bartizan-auth: none")
    assert forms["PUT /a"]["security"] != []


def test_an_alternative_without_credential_is_none_for_partners() -> None:
    _, forms = made(get=f"security: [{{}}, {{ token: [] }}], {PARTNER}")
    assert [] not in forms["GET /a"]["security"]


def test_partners_need_somebody_who_is_believed() -> None:
    with pytest.raises(Fault) as caught:
        compiled("", f"paths: {{ /a: {{ get: {{ {PARTNER} }} }} }}")
    assert caught.value.code == "policy.nobody-believed"


def test_public_changes_nothing_and_is_told_where_security_contradicts_it() -> None:
    one, forms = made(get=PUBLIC, put=PUBLIC)
    assert forms["GET /a"]["security"] != []
    assert forms["PUT /a"]["security"] == []
    assert told(one) == ["policy.exposure-contradicts"]
    assert told(made(above=PUBLIC)[0]) == []


def test_what_is_public_is_not_told_to_be_open() -> None:
    bare = "paths: { /a: { get: { %s } } }"
    assert "policy.open-operations" in told(compiled(ISSUER, bare % ""))
    assert told(compiled(ISSUER, bare % PUBLIC)) == []
