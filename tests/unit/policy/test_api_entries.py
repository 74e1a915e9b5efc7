import pytest

from tests.unit.policy.configured import configured, refused

TWO = """apis:
  - { name: shop, prefix: /shop, strip_prefix: true, openapi: shop.yaml }
  - { name: bank, hosts: Bank.example, upstream: 'http://127.0.0.1:9000/' }
"""


def test_each_api_takes_the_common_upstream_unless_it_has_its_own() -> None:
    config = configured(TWO)
    shop, bank = config.all_apis
    assert (shop.upstream, bank.upstream) == ("http://127.0.0.1:8000", "http://127.0.0.1:9000")
    assert config.upstreams == ("http://127.0.0.1:8000", "http://127.0.0.1:9000")
    assert (bank.hosts, bank.openapi) == (("Bank.example",), "auto")


def test_the_short_form_is_a_list_of_one() -> None:
    (only,) = configured("openapi: a.yaml\nbase_path: /v1\noverlays: o.yaml\n").all_apis
    assert (only.name, only.prefix, only.hosts) == ("", "", ())
    assert only.openapi.endswith("a.yaml")
    assert (only.base_path, len(only.overlays)) == (("/v1",), 1)


def test_a_prefix_covers_whole_segments() -> None:
    shop, bank = configured(TWO).all_apis
    assert shop.covers("/shop")
    assert shop.covers("/shop/x")
    assert not shop.covers("/shopping")
    assert bank.covers("/anything")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apis: []", [("config.wrong-value", 2)]),
        ("apis: [{ name: a, prefix: /a, audience: [] }]", [("config.wrong-value", 2)]),
        ("apis: [{ prefix: /a }]", [("config.missing-key", 2)]),
        ("apis: [{ name: a, prefix: a/ }]", [("config.wrong-value", 2)]),
        ("apis: [{ name: a, prefix: /a/ }]", [("config.wrong-value", 2)]),
        ("apis: [{ name: a, strip_prefix: true }]", [("config.conflict", 2)]),
        ("openapi: a.yaml\napis: [{ name: a }]", [("config.conflict", 2)]),
        ("apis:\n- { name: a, prefix: /a }\n- { name: a, prefix: /b }", [("config.duplicate", 4)]),
        ("apis:\n- { name: a, prefix: /a }\n- { name: b, prefix: /a }", [("config.conflict", 4)]),
        ("apis:\n- { name: a }\n- { name: b }", [("config.conflict", 4)]),
        ("apis:\n- { name: a, hosts: [x, y] }\n- { name: b, hosts: [Y] }", [("config.conflict", 4)]),
    ],
)  # fmt: skip
def test_entries_that_cannot_be_told_apart_are_refused_at_their_line(
    text: str, found: list[tuple[str, int]]
) -> None:
    assert refused(text) == found


def test_a_host_beside_any_host_can_be_told_apart() -> None:
    text = "apis:\n- { name: a, prefix: /v1 }\n- { name: b, prefix: /v1, hosts: x }\n"
    assert [one.name for one in configured(text).all_apis] == ["a", "b"]


AUTH = "auth: {{ issuers: [{{ issuer: 'https://idp.example', audiences: [a, b]{} }}] }}\n"


@pytest.mark.parametrize(
    ("issuer", "api", "found"),
    [
        (", apis: [one, two]", ", audience: a", []),
        (", apis: [ones]", "", [("config.unknown-word", 2)]),
        ("", ", audience: [b, c]", [("config.conflict", 4)]),
        (", apis: two", ", audience: a", [("config.conflict", 4)]),
        (", audience_rule: contains", ", audience: [a, b]", []),
    ],
)
def test_what_issuers_and_apis_say_of_each_other_must_be_there(
    issuer: str, api: str, found: list[tuple[str, int]]
) -> None:
    entries = f"apis:\n- {{ name: one, prefix: /a{api} }}\n- {{ name: two }}\n"
    text = AUTH.format(issuer) + entries
    assert (refused(text) if found else (configured(text), [])[1]) == found
