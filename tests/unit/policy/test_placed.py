import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import compile
from tests.unit.policy.configured import configured
from tests.unit.policy.test_site import TWO, compiled, site


def test_paths_outside_the_prefix_of_their_api_are_refused() -> None:
    config = configured("apis: [{ name: bank, prefix: /bank, openapi: bank.yaml }]\n")
    with pytest.raises(Fault) as raised:
        compile(config, site(config))
    (one,) = raised.value.diagnostics
    assert (one.code, one.line) == ("policy.outside-prefix", 2)
    assert "strip_prefix" in one.hint


def test_a_public_path_belongs_to_every_api_whose_prefix_it_has() -> None:
    _, form = compiled(TWO + "public: [/shop/docs, /favicon.ico]\n")
    ids = [one["id"] for one in form["operations"]][4:]
    assert ids == ["shop:GET /shop/docs", "bank:GET /shop/docs", "bank:GET /favicon.ico"]
