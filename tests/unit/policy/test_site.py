import json
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import Compiled, compile
from bartizan.policy.config import Config
from bartizan.policy.site import Site, read_site
from tests.unit.policy.configured import configured

SHOP = """openapi: 3.1.0
info: { title: shop, version: '1' }
servers: [{ url: /v1 }]
paths:
  /users: { get: { security: [{ main: [] }] } }
  /carts: { post: { requestBody: { content: { application/json: { schema: { type: odd } } } } } }
components: { securitySchemes: { main: { type: http, scheme: bearer } } }
"""
BANK = """openapi: 3.1.0
info: { title: bank, version: '1' }
paths:
  /users: { get: { security: [{ main: [] }] } }
  /accounts: { $ref: 'more.yaml#/accounts' }
components: { securitySchemes: { main: { type: apiKey, in: header, name: X-Key } } }
"""
FILES = {
    "shop.yaml": SHOP,
    "bank.yaml": BANK,
    "more.yaml": "accounts: { get: { parameters: [{ name: q, in: query, schema: { type: integer } }] } }\n",
    "over.yaml": "overlay: 1.0.0\nactions:\n- target: $.paths['/accounts']\n  remove: true\n",
}
TWO = """mode: enforce
apis:
  - { name: shop, prefix: /shop, strip_prefix: true, openapi: shop.yaml }
  - { name: bank, hosts: bank.example, openapi: bank.yaml, upstream: 'http://127.0.0.1:9000' }
"""


def site(config: Config) -> Site:
    def fetch(location: str) -> bytes:
        return FILES[location.rpartition("/")[2]].encode()

    return read_site(config, lambda upstream: f"{upstream}/bank.yaml", fetch)


def compiled(text: str) -> tuple[Compiled, Any]:
    config = configured(text)
    made = compile(config, site(config))
    return made, json.loads(made.form)


def test_documents_of_all_apis_are_under_one_count() -> None:
    made, form = compiled(TWO)
    assert form["documents"] == ["bartizan.yaml", "shop.yaml", "bank.yaml", "more.yaml"]
    bank = made.site.part(3)
    assert (bank.api.name, made.site.part(1).api.name) == ("bank", "shop")
    assert made.site.document(3).name.endswith("more.yaml")
    assert made.locate(2, "/paths/~1users").line == 4
    assert made.site.text(made.locate(2, "/paths/~1users")).startswith("/users:")


def test_operations_are_called_by_their_api_and_keep_schemes_of_one_name_apart() -> None:
    _, form = compiled(TWO)
    operations = {one["id"]: one for one in form["operations"]}
    assert list(operations) == [
        "shop:GET /shop/v1/users",
        "shop:POST /shop/v1/carts",
        "bank:GET /users",
        "bank:GET /accounts",
    ]
    assert [one["api"] for one in operations.values()] == [0, 0, 1, 1]
    schemes = [
        form["schemes"][operations[one]["security"][0][0]["scheme"]]["credential"]["in"]
        for one in ("shop:GET /shop/v1/users", "bank:GET /users")
    ]
    assert schemes == ["authorization", "header"]
    assert form["apis"][0] == {
        "name": "shop",
        "hosts": [],
        "prefix": "/shop",
        "strip_prefix": True,
        "source": {"document": 1, "pointer": "/paths"},
    }
    assert form["apis"][1]["source"] == {"document": 2, "pointer": "/paths"}


def test_what_cannot_be_checked_is_placed_in_its_own_document() -> None:
    made, _ = compiled(TWO)
    ((one, place),) = [(lost.operation, lost.location) for lost in made.unrepresentable]
    assert one == "shop:POST /shop/v1/carts"
    assert (place.file.rpartition("/")[2], place.line) == ("shop.yaml", 6)


def test_the_config_names_operations_with_their_api_or_of_all() -> None:
    _, form = compiled(
        TWO
        + "operations:\n  bank:GET /users: { security: none }\n  get /users: { closed_query: true }\n"
    )
    found = {one["id"]: (one["security"], one["closed_query"]) for one in form["operations"]}
    assert found["bank:GET /users"] == ([], True)
    assert found["shop:GET /shop/v1/users"][0] != []
    assert found["shop:GET /shop/v1/users"][1] is True


def test_a_document_is_looked_for_at_the_address_of_its_api() -> None:
    made = site(configured("apis: [{ name: bank }]\n"))
    assert made.documents[0].name == "http://127.0.0.1:8000/bank.yaml"


def test_overlays_are_laid_and_watched() -> None:
    made = site(configured("openapi: bank.yaml\noverlays: [over.yaml]\n"))
    assert [one.path for one in made.parts[0].description.operations] == ["/users"]
    assert [one.name.rpartition("/")[2] for one in made.files] == ["bank.yaml", "over.yaml"]


def test_a_mount_keeps_the_prefix_that_its_app_knows() -> None:
    config = configured(TWO)
    form = json.loads(compile(config, site(config).mounted()).form)
    assert [one["strip_prefix"] for one in form["apis"]] == [False, False]
    assert form["operations"][0]["id"] == "shop:GET /shop/v1/users"


BELIEVED = """auth:
  issuers:
  - { issuer: 'https://a.example', audiences: [shop, bank] }
  - { issuer: 'https://b.example', audiences: [bank], apis: bank }
mode: enforce
apis:
  - { name: shop, prefix: /shop, strip_prefix: true, openapi: shop.yaml, audience: shop }
  - { name: bank, hosts: bank.example, openapi: shop.yaml }
operations: { "*": { security: required } }
"""


def test_each_api_believes_its_own_issuers_and_tokens_for_itself() -> None:
    _, form = compiled(BELIEVED)
    shop, bank = [one for one in form["schemes"] if one["verify"] == "token"]
    assert (shop["issuers"], bank["issuers"]) == ([0], None)
    assert bank["audience"] is None
    assert shop["audience"] == {
        "any_of": ["shop"], "source": {"document": 0, "pointer": "/apis/0/audience"},
    }  # fmt: skip


def test_a_credential_of_our_own_is_for_one_api_where_apis_differ() -> None:
    text = BELIEVED.replace("shop.yaml, audience", "more.yaml, audience")
    plain = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: { /a: { get: {} } }\n"
    FILES["more.yaml"], before = plain, FILES["more.yaml"]
    try:
        _, form = compiled(text.replace("openapi: shop.yaml }", "openapi: more.yaml }"))
    finally:
        FILES["more.yaml"] = before
    own = [(one["name"], one["issuers"]) for one in form["schemes"]]
    assert own == [("bartizan token", [0]), ("bartizan token", None)]
    used = [one["security"][0][0]["scheme"] for one in form["operations"]]
    assert used == [0, 1]


def test_an_api_that_no_issuer_is_for_is_refused_unless_presence_is_written() -> None:
    text = BELIEVED.replace("audiences: [shop, bank] }", "audiences: [bank], apis: bank }")
    text = text.replace(", audience: shop", "").replace(
        'operations: { "*"', 'operations: { "bank:GET /v1/users"'
    )
    with pytest.raises(Fault) as caught:
        compiled(text)
    (fault,) = caught.value.diagnostics
    assert (fault.code, "no issuer is for the API `shop`" in fault.message) == (
        "policy.presence-only",
        True,
    )
    written = compiled(text.replace("issuers:", "schemes: { main: presence }\n  issuers:"))[1]
    assert written["schemes"][0]["verify"] == "presence"
    made, form = compiled(text.replace("mode: enforce", "mode: shadow"))
    assert [one["verify"] for one in form["schemes"]] == ["presence", "token"]
    assert [one.code for one in made.own_warnings].count("policy.presence-only") == 1
