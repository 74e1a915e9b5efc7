import pytest

from tests.unit.policy.configured import configured, refused

ISSUER = "https://idp.example.com"


def test_the_short_form_is_an_issuer_of_its_own_before_the_others() -> None:
    auth = configured(
        f"auth: {{ oidc: {ISSUER}, audience: api, issuers: [{{ issuer: https://b, audiences: x }}] }}"
    ).auth
    first, second = auth.all_issuers
    assert (first.issuer, first.audiences, first.audience_rule) == (ISSUER, ("api",), "all-listed")
    assert (first.pointer, second.issuer) == ("/auth/oidc", "https://b")


def test_any_audience_must_be_written_out() -> None:
    (issuer,) = configured(f"auth: {{ oidc: {ISSUER}, audience: any }}").auth.all_issuers
    assert (issuer.audience_rule, issuer.audiences) == ("any", ())
    (issuer,) = configured(f"auth: {{ oidc: {ISSUER} }}").auth.all_issuers
    assert (issuer.audience_rule, issuer.audiences) == ("all-listed", ())


@pytest.mark.parametrize("source", ["http://127.0.0.1:9/jwks", "https://a/jwks", "jwks.json"])
def test_keys_over_loopback_https_or_from_a_file_are_taken(source: str) -> None:
    text = f"auth: {{ issuers: [{{ issuer: {ISSUER}, audiences: api, jwks: '{source}' }}] }}"
    assert configured(text).auth.issuers[0].jwks.endswith(source)


def test_keys_over_plain_http_need_the_dangerous_word() -> None:
    entry = "issuer: http://idp.example.com, audiences: api"
    assert refused(f"auth: {{ issuers: [{{ {entry} }}] }}") == [("config.plain-http", 2)]
    (issuer,) = configured(
        f"auth: {{ issuers: [{{ {entry}, danger_allow_http: true }}] }}"
    ).auth.issuers
    assert issuer.danger_allow_http


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ audience: api }", "config.conflict"),
        ("{ require: always }", "config.conflict"),
        (f"{{ oidc: {ISSUER}, issuers: [{{ issuer: {ISSUER} }}] }}", "config.duplicate"),
        (f"{{ issuers: [{{ issuer: {ISSUER}, algorithms: [none] }}] }}", "config.unknown-word"),
        (
            f"{{ issuers: [{{ issuer: {ISSUER}, audience_rule: any, audiences: a }}] }}",
            "config.conflict",
        ),
        (f"{{ api_keys: {{ keys: [{{ id: a, digest: {'a' * 64} }}] }} }}", "config.missing-key"),
    ],
)
def test_what_cannot_hold_together_is_refused(text: str, code: str) -> None:
    assert refused(f"auth: {text}") == [(code, 2)]


def test_one_key_id_stands_for_one_key() -> None:
    key = f"{{ id: a, digest: {'a' * 64} }}"
    text = f'auth: {{ api_keys: {{ pepper: "x", keys: [{key}, {key}] }} }}'
    assert refused(text) == [("config.duplicate", 2)]


def test_an_empty_type_lets_tokens_without_a_typ_header_in() -> None:
    text = f'auth: {{ issuers: [{{ issuer: {ISSUER}, audiences: api, types: ["", "at+jwt"] }}] }}'
    assert configured(text).auth.issuers[0].types == ("", "at+jwt")


@pytest.mark.parametrize(
    "text",
    [
        f"auth: {{ issuers: [{{ issuer: {ISSUER}, audiences: api, apis: [] }}] }}",
        "auth: { api_keys: { pepper_file: p, keys: [{ id: a, digest: '"
        + "a" * 64
        + "', operations: [] }] } }",
    ],
)
def test_a_list_that_narrows_is_never_empty(text: str) -> None:
    assert ("config.wrong-value", 2) in refused(text)
