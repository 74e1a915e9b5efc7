import json

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import Compiled, compile
from tests.unit.policy.configured import configured
from tests.unit.policy.sources.describe import described

PATHS = "paths: { /orders: { get: { responses: { '200': { description: ok } } } } }"


def compiled(text: str) -> Compiled:
    return compile(configured(text), described(PATHS))


def test_a_public_path_is_an_operation_without_credential_that_may_answer_anything() -> None:
    made = compiled("public: [/docs, /openapi.json]\n")
    forms = {one["id"]: one for one in json.loads(made.form)["operations"]}
    assert set(forms) == {"GET /orders", "GET /docs", "GET /openapi.json"}
    assert forms["GET /docs"]["security"] == []
    assert list(forms["GET /docs"]["responses"]["default"]["content"]) == ["*/*"]
    assert forms["GET /docs"]["source"] == {"document": 0, "pointer": "/public/0"}


def test_a_public_path_stays_open_where_a_credential_is_asked_for_everywhere() -> None:
    text = (
        "public: /docs\nauth:\n  require: always\n"
        "  issuers: [{ issuer: https://idp.example.com, audiences: [api] }]\n"
    )
    forms = {one["id"]: one for one in json.loads(compiled(text).form)["operations"]}
    assert forms["GET /docs"]["security"] == []
    assert forms["GET /orders"]["security"] != []


def test_a_declared_path_cannot_be_opened_by_the_way() -> None:
    with pytest.raises(Fault, match="is declared in the description") as caught:
        compiled("public: /orders\n")
    assert "security: none" in caught.value.diagnostics[0].hint
