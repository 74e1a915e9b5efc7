from typing import Any

import pytest

from bartizan.policy.declared_issuer import Declared, declared_issuer


def of(**schemes: Any) -> Declared | None:
    return declared_issuer({"openapi": "3.1.0", "components": {"securitySchemes": schemes}})


def oauth(url: str) -> dict[str, Any]:
    return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": url, "scopes": {}}}}


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://idp.example/.well-known/openid-configuration", "https://idp.example"),
        (
            "https://a.example/realms/x/.well-known/openid-configuration",
            "https://a.example/realms/x",
        ),
    ],
)
def test_openid_connect_tells_its_issuer(url: str, issuer: str) -> None:
    scheme = {"type": "openIdConnect", "openIdConnectUrl": url}
    assert of(login=scheme) == Declared(issuer, "login", is_sure=True)


def test_oauth_metadata_tells_the_issuer_whose_path_stands_behind() -> None:
    url = "https://a.example/.well-known/oauth-authorization-server/tenant"
    scheme = {"type": "oauth2", "oauth2MetadataUrl": url, "flows": {}}
    assert of(o=scheme) == Declared("https://a.example/tenant", "o", is_sure=True)


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        ("https://a.example/realms/x/protocol/openid-connect/token", "https://a.example/realms/x"),
        ("https://login.example/t/oauth2/v2.0/token", "https://login.example/t/v2.0"),
        ("https://o.example/oauth2/default/v1/token", "https://o.example/oauth2/default"),
        ("https://d.example/connect/token", "https://d.example"),
        ("https://me.eu.auth0.com/oauth/token", "https://me.eu.auth0.com/"),
        ("https://a.example/oauth2/token", "https://a.example"),
        ("https://a.example/any/where", "https://a.example"),
    ],
)
def test_the_issuer_is_concluded_from_its_endpoints(url: str, issuer: str) -> None:
    assert of(o=oauth(url)) == Declared(issuer, "o", is_sure=False)


def test_what_is_told_comes_before_what_is_concluded() -> None:
    told = {
        "type": "openIdConnect",
        "openIdConnectUrl": "https://b/.well-known/openid-configuration",
    }
    assert of(a=oauth("https://a.example/token"), b=told) == Declared(
        "https://b", "b", is_sure=True
    )


def test_a_document_of_2_0_names_its_urls_in_the_scheme() -> None:
    scheme = {
        "type": "oauth2",
        "flow": "implicit",
        "authorizationUrl": "https://a.example/authorize",
    }
    found = declared_issuer({"swagger": "2.0", "securityDefinitions": {"o": scheme}})
    assert found == Declared("https://a.example", "o", is_sure=False)


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "bearer"},
        oauth("/token"),
        oauth("token"),
        oauth("https://user:pass@a.example/token"),
        {"type": "openIdConnect", "openIdConnectUrl": "https://a.example/elsewhere"},
        {"type": "openIdConnect", "openIdConnectUrl": 3},
        {"flows": []},
        "nonsense",
    ],
)
def test_what_names_no_issuer_is_none(scheme: object) -> None:
    assert of(o=scheme) is None
    assert declared_issuer({"components": [], "securityDefinitions": None}) is None
