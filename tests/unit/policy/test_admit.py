import pytest

from bartizan.model.event import Principal, Reason
from bartizan.policy.edit import apply_offer
from tests.unit.policy.offers import not_offered, offered

SHORT: dict[str, object] = {"auth": {"oidc": "https://idp", "audience": "api", "require": "always"}}
LONG: dict[str, object] = {"auth": {"issuers": {"issuer": "https://idp", "types": ["x+jwt"]}}}


@pytest.mark.parametrize(
    ("config", "pointer", "after"),
    [
        (
            {"auth": {"oidc": "https://idp", "audience": "api"}},
            "/auth",
            {"auth": {"oidc": "https://idp", "audience": ["api", "web"]}},
        ),
        (
            {"auth": {"oidc": "https://idp"}},
            "/auth/oidc",
            {"auth": {"oidc": "https://idp", "audience": ["web"]}},
        ),
        (
            {"auth": {"issuers": [{"issuer": "https://idp", "audiences": ["api"]}]}},
            "/auth/issuers/0",
            {"auth": {"issuers": [{"issuer": "https://idp", "audiences": ["api", "web"]}]}},
        ),
    ],
)
@pytest.mark.parametrize("value", ["web", '"web"', '["web"]', '["web", 3]'])
def test_the_audience_of_the_token_is_added_to_its_issuer(
    config: dict[str, object], pointer: str, after: dict[str, object], value: str
) -> None:
    reason = Reason("identify.audience", value=value, document=0, source=pointer)
    change = offered(reason, "credential", config)
    assert apply_offer(config, change) == after


@pytest.mark.parametrize("value", [None, "", "[masked, 9 bytes]", "3"])
def test_an_audience_that_is_not_recorded_is_not_added(value: str | None) -> None:
    reason = Reason("identify.audience", value=value, document=0, source="/auth")
    config: dict[str, object] = {"auth": {"oidc": "https://idp"}}
    assert (value == "3") or "audience" in not_offered(reason, "credential", config)


def test_an_operation_without_credential_can_be_declared_anonymous() -> None:
    change = offered(Reason("identify.credential-missing"), "credential", {})
    assert apply_offer({}, change) == {"operations": {"POST /users": {"security": "none"}}}


def test_a_scope_is_given_to_a_key_of_the_config_and_never_to_a_token() -> None:
    keys = [{"id": "k1", "scopes": ["read"]}, {"id": "k2", "scopes": []}]
    config: dict[str, object] = {"auth": {"api_keys": {"keys": keys}}}
    reason = Reason("authorize.scope", expected="write")
    change = offered(reason, "credential", config, principal=Principal("api-key", subject="k2"))
    assert apply_offer(config, change)["auth"] == {
        "api_keys": {"keys": [{"id": "k1", "scopes": ["read"]}, {"id": "k2", "scopes": ["write"]}]}
    }
    of_token = Principal("token", "https://idp", "alice")
    assert "issuer grants" in not_offered(reason, "credential", config, principal=of_token)


@pytest.mark.parametrize("code", ["identify.expired", "identify.signature"])
def test_a_bad_token_is_never_excepted(code: str) -> None:
    assert "valid credential" in not_offered(Reason(code), "credential", {})


def test_a_page_of_another_site_is_listed_by_its_origin() -> None:
    reason = Reason("authorize.cross-site", value="https://app.example")
    change = offered(reason, "credential", {})
    assert apply_offer({}, change) == {"csrf": {"origins": ["https://app.example"]}}
    assert not_offered(Reason("authorize.cross-site", value="null"), "credential", {})
    assert not_offered(Reason("authorize.cross-site"), "credential", {})


@pytest.mark.parametrize(
    ("value", "types"),
    [('"vnd.a+jwt"', ["x+jwt", "vnd.a+jwt"]), ('""', ["x+jwt", ""]), ('"x+jwt"', ["x+jwt"])],
)
def test_the_kind_of_the_token_is_added_to_its_issuer(value: str, types: list[str]) -> None:
    reason = Reason("identify.token-type", value=value, document=0, source="/auth/issuers/0")
    after = apply_offer(LONG, offered(reason, "credential", LONG))
    assert after == {"auth": {"issuers": {"issuer": "https://idp", "types": types}}}


def test_a_key_that_the_short_form_lacks_makes_it_the_long_one() -> None:
    reason = Reason("identify.lifetime", value="172800", document=0, source="/auth/oidc")
    change = offered(reason, "credential", SHORT)
    assert "2d" in change.title
    entry = {"issuer": "https://idp", "audiences": "api", "lifetime_max": "2d"}
    assert apply_offer(SHORT, change) == {"auth": {"require": "always", "issuers": [entry]}}
    anybody: dict[str, object] = {"auth": {"oidc": "https://idp", "audience": "any"}}
    assert apply_offer(anybody, offered(reason, "credential", anybody))["auth"] == {
        "issuers": [{"issuer": "https://idp", "audience_rule": "any", "lifetime_max": "2d"}]
    }


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("identify.token-type", None),
        ("identify.token-type", "[masked, 3 bytes]"),
        ("identify.lifetime", None),
        ("identify.lifetime", "0"),
        ("identify.lifetime", str(366 * 86_400)),
    ],
)
def test_what_no_entry_may_allow_is_not_offered(code: str, value: str | None) -> None:
    reason = Reason(code, value=value, document=0, source="/auth/issuers/0")
    assert "issuer" in not_offered(reason, "credential", LONG)


@pytest.mark.parametrize("code", ["identify.token-type", "identify.lifetime"])
def test_an_issuer_that_is_gone_is_told_by_its_key(code: str) -> None:
    value = "7200" if code == "identify.lifetime" else '"x+jwt"'
    reason = Reason(code, value=value, document=0, source="/auth/issuers/3")
    assert "no longer" in not_offered(reason, "credential", {"auth": {"issuers": []}})
    elsewhere = Reason(code, value=value, document=1, source="/x")
    assert "not in this config" in not_offered(elsewhere, "credential", {})


@pytest.mark.parametrize(
    ("code", "expected", "way"),
    [
        ("identify.unknown-api-key", "an API key that was issued", "bartizan keys create"),
        ("identify.expired", "an API key that has not expired", "bartizan keys create"),
        ("identify.revoked", "an API key that was not revoked", "bartizan keys create"),
        ("identify.network", "an address in the networks of the API key", "bartizan keys show"),
        ("authorize.operation", "an API key that is meant for this operation", "--operation"),
        ("identify.expired", "a token that has not expired", "from the issuer"),
        ("identify.revoked", "a token that was not revoked", "from the issuer"),
    ],
)
def test_keys_come_from_the_owner_and_tokens_from_the_issuer(
    code: str, expected: str, way: str
) -> None:
    told = not_offered(Reason(code, expected=expected), "credential", {})
    assert way in told
    assert ("issuer" in told) == (way == "from the issuer")


@pytest.mark.parametrize("config", [{}, {"internal": ["10.0.0.0/8"]}, {"internal": "10.0.0.0/8"}])
def test_a_caller_is_let_in_among_the_networks_of_the_house(config: dict[str, object]) -> None:
    change = offered(Reason("match.internal"), "credential", config, peer="192.0.2.7")
    known = ["10.0.0.0/8"] if config else []
    assert apply_offer(config, change)["internal"] == [*known, "192.0.2.7"]


@pytest.mark.parametrize("source", ["/paths/~1a/get/x-bartizan-exposure", "/operations/*/exposure"])
def test_an_operation_for_partners_is_opened_by_its_exposure(source: str) -> None:
    reason = Reason("identify.credential-missing", source=source)
    change = offered(reason, "credential", {})
    assert apply_offer({}, change) == {"operations": {"POST /users": {"exposure": "public"}}}


def test_the_audience_of_an_api_and_who_believes_an_issuer_are_added_there() -> None:
    config: dict[str, object] = {
        "apis": [{"name": "bank", "audience": "bank"}],
        "auth": {"issuers": [{"issuer": "https://idp", "apis": ["shop"]}]},
    }
    reason = Reason("identify.audience", value='["shop"]', document=0, source="/apis/0/audience")
    change = offered(reason, "credential", config)
    assert apply_offer(config, change)["apis"] == [{"name": "bank", "audience": ["bank", "shop"]}]
    reason = Reason("identify.unknown-issuer", document=0, source="/auth/issuers/0")
    change = offered(reason, "credential", config, operation="bank:GET /a")
    made = apply_offer(config, change)
    assert made["auth"] == {"issuers": [{"issuer": "https://idp", "apis": ["shop", "bank"]}]}
    assert "no setting" in not_offered(reason, "credential", {"auth": {"oidc": "https://idp"}})
