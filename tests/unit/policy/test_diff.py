import copy
import json
from typing import Any

import pytest

from bartizan.policy.diff import EVERYWHERE, by_operation, diff
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a:
    get:
      security: [{ token: [read] }]
      parameters: [{ name: n, in: query, schema: { type: integer, maximum: 9 } }]
      responses: { '200': { description: ok } }
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '200': { description: ok } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
"""
CONFIG = """\
mode: enforce
auth: { oidc: https://idp.example.com, audience: a }
limits: { per: address, rate: 10/s }
"""
SAME = json.loads(compiled(CONFIG, PATHS).form)


def changes(config: str = CONFIG, paths: str = PATHS) -> list[tuple[str, str, str]]:
    old, new = compiled(CONFIG, PATHS).form, compiled(config, paths).form
    return [(one.operation, one.words, one.effect) for one in diff(old, new)]


def test_the_same_policy_has_no_difference_and_places_are_none() -> None:
    assert changes() == []
    assert changes("# moved down\n" + CONFIG) == []


@pytest.mark.parametrize(
    ("old", "new", "operation", "words", "effect"),
    [
        ("mode: enforce", "mode: enforce\ncontrols: { inspect: shadow }", EVERYWHERE,
         "`inspect` from enforce to shadow", "looser"),
        ("rate: 10/s", "rate: 5/s", EVERYWHERE, "limit per address from 10/s to 5/s", "tighter"),
        ("audience: a", "audience: b", EVERYWHERE,
         "issuer `https://idp.example.com`: `audiences` from a to b", "other"),
        ("mode: enforce", "mode: enforce\nhosts: [x.example]", EVERYWHERE,
         "hosts that requests may name: from nothing to x.example", "other"),
        ("mode: enforce", "mode: enforce\noperations: { GET /a: { security: none } }", "GET /a",
         "open to everyone; it was `token` with `read`", "looser"),
        ("mode: enforce", "mode: enforce\noperations: { GET /a: { closed_query: true } }", "GET /a",
         "undeclared query parameters are refused", "tighter"),
        ("mode: enforce", "mode: enforce\noperations: { GET /a: { closed_body: true } }", "GET /a",
         "undeclared members of its body are refused", "tighter"),
        ("mode: enforce", ("mode: enforce\nexceptions: [{ rule: inspect.body-schema, operation: "
         "POST /a, field: 'body#/x' }]"), EVERYWHERE,
         "exception: `inspect.body-schema` on POST /a at body#/x", "looser"),
    ],
)  # fmt: skip
def test_a_setting_is_told_in_words(
    old: str, new: str, operation: str, words: str, effect: str
) -> None:
    assert (operation, words, effect) in changes(CONFIG.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "operation", "words", "effect"),
    [
        ("maximum: 9", "maximum: 8", "GET /a", "query:n: `maximum` from 9 to 8", "tighter"),
        ("token: [read]", "token: []", "GET /a", "open to `token`; it was `token` with `read`", "other"),
        ("{ name: n, in: query,", "{ name: n, in: query, required: true,", "GET /a",
         "query:n is required now", "tighter"),
        ("    post:", "    put:", "POST /a", "is no longer declared, so it is refused", "tighter"),
        ("    post:", "    put:", "PUT /a", "is declared; open to everyone", "looser"),
        ("application/json:", "text/plain:", "POST /a", "body may be `text/plain`", "looser"),
        ("type: object", "type: object, required: [x]", "POST /a", "body#/x: is required now", "tighter"),
        ("'200': { description: ok } }\n    post", "'201': { description: ok } }\n    post", "GET /a",
         "response 200 is no longer declared", "tighter"),
    ],
)  # fmt: skip
def test_a_contract_is_told_in_words(
    old: str, new: str, operation: str, words: str, effect: str
) -> None:
    assert (operation, words, effect) in changes(paths=PATHS.replace(old, new, 1))


def test_a_digest_is_named_and_never_shown() -> None:
    def keyed(digest: str) -> bytes:
        form: dict[str, Any] = copy.deepcopy(SAME)
        form["api_keys"] = [{"id": "k", "digest": digest, "scopes": []}]
        return json.dumps(form).encode()

    (one,) = diff(keyed("a" * 64), keyed("b" * 64))
    assert one.words == "API key `k`: `digest` changed"


def test_what_concerns_all_stands_first() -> None:
    changed = compiled(CONFIG.replace("10/s", "5/s"), PATHS.replace("maximum: 9", "maximum: 8"))
    grouped = by_operation(diff(compiled(CONFIG, PATHS).form, changed.form))
    assert list(grouped) == [EVERYWHERE, "GET /a"]


def test_whose_tokens_an_api_takes_is_told() -> None:
    auth = CONFIG.replace("audience: a", "audience: [a, b]")

    def made(audience: str) -> bytes:
        entry = f"apis: [{{ name: one, openapi: openapi.yaml{audience} }}]\n"
        return compiled(auth + entry, PATHS).form

    (one,) = diff(made(""), made(", audience: a"))
    assert one.words == "open to `token for a` with `read`; it was `token` with `read`"
    form = json.loads(made(""))
    form["schemes"][0]["issuers"] = []
    (one,) = diff(made(""), json.dumps(form).encode())
    assert one.words == "open to `token of nobody` with `read`; it was `token` with `read`"
