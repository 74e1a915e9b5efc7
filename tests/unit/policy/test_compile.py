import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import Compiled, compile
from bartizan.policy.config import Overrides, load
from bartizan.policy.pointer import MISSING, follow
from tests.unit.policy.sources.describe import described

PATHS = """
paths:
  /login: { post: { responses: {} } }
  /users/{id}:
    get:
      security: [{ token: [read] }, { key: [] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses: {}
  /open: { get: { security: [{}], responses: {} } }
components:
  securitySchemes:
    token: { type: http, scheme: bearer }
    key: { type: apiKey, in: header, name: X-Key }
    basic: { type: http, scheme: basic }
"""
ISSUER = "auth: { oidc: https://idp.example.com, audience: api }\n"
DIGEST = "a" * 64


def compiled(config: str, paths: str = PATHS, version: str = "3.0.3") -> Compiled:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bartizan.yaml"
        path.write_text("upstream: http://127.0.0.1:8000\n" + config)
        loaded = load(path, overrides=Overrides(), environ={"PEPPER": "canary-5e"})
    return compile(loaded, described(paths, version))


def form_of(one: Compiled) -> Any:
    return json.loads(one.form)


def operation_of(one: Compiled, name: str) -> Any:
    return next(form for form in form_of(one)["operations"] if form["id"] == name)


def test_the_form_is_canonical_and_named_by_its_hash() -> None:
    one, two = compiled(ISSUER), compiled(ISSUER)
    assert one.form == two.form
    assert one.hash == hashlib.sha256(one.form).hexdigest()
    again = json.dumps(form_of(one), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == one.form


def test_descriptions_and_comments_do_not_change_the_hash() -> None:
    said = PATHS.replace("type: integer", "type: integer, description: the id")
    assert compiled(ISSUER).hash == compiled(ISSUER, said).hash
    other = PATHS.replace("type: integer", "type: string")
    assert compiled(ISSUER).hash != compiled(ISSUER, other).hash


def test_every_control_has_a_mode() -> None:
    form = form_of(compiled("mode: enforce\ncontrols: { inspect: shadow }\n"))
    assert form["controls"] == {
        **dict.fromkeys(("parse", "match", "identify", "limit", "authorize", "shape"), "enforce"),
        "inspect": "shadow",
    }


def test_schemes_are_verified_where_somebody_is_configured() -> None:
    keys = f"api_keys: {{ pepper: '${{PEPPER}}', keys: [{{ id: p, digest: '{DIGEST}' }}] }}"
    one = compiled(f"auth: {{ oidc: https://idp.example.com, audience: a, {keys} }}\n")
    verified = {scheme["name"]: scheme["verify"] for scheme in form_of(one)["schemes"]}
    assert verified == {"token": "token", "key": "api-key", "basic": "presence"}
    assert json.loads(one.secrets) == {"api_key_pepper": "canary-5e"}
    assert b"canary" not in one.form + one.options
    bare = {scheme["verify"] for scheme in form_of(compiled("mode: shadow\n"))["schemes"]}
    assert bare == {"presence"}


def test_security_is_enforced_as_written() -> None:
    one = compiled(ISSUER)
    alternatives = operation_of(one, "GET /users/{id}")["security"]
    assert [[form["scopes"] for form in group] for group in alternatives] == [[["read"]], [[]]]
    assert operation_of(one, "POST /login")["security"] == []
    assert operation_of(one, "GET /open")["security"] == [[]]


def test_require_always_leaves_no_way_in_without_a_verified_credential() -> None:
    one = compiled(
        "auth: { oidc: https://idp.example.com, audience: a, require: always }\n"
        'operations: { "POST /login": { security: none } }\n'
    )
    form = form_of(one)
    verified = {i for i, scheme in enumerate(form["schemes"]) if scheme["verify"] != "presence"}
    for operation in form["operations"]:
        if operation["id"] == "POST /login":
            assert operation["security"] == []
            continue
        assert operation["security"]
        assert all(any(r["scheme"] in verified for r in group) for group in operation["security"])


def test_an_operation_alone_can_require_a_credential() -> None:
    one = compiled(ISSUER + 'operations: { "POST /login": { security: required } }\n')
    (group,) = operation_of(one, "POST /login")["security"]
    assert group[0]["source"]["pointer"] == "/operations/POST ~1login/security"
    assert operation_of(one, "GET /open")["security"] == [[]]
    with pytest.raises(Fault) as caught:
        compiled('operations: { "POST /login": { security: required } }\n')
    assert caught.value.code == "policy.nobody-believed"


def test_a_description_without_security_is_warned_of() -> None:
    paths = "paths:\n  /a: { get: {} }\n"
    assert "policy.open-operations" in [one.code for one in compiled(ISSUER, paths).warnings]
    assert "policy.open-operations" not in [one.code for one in compiled(ISSUER).warnings]


def test_an_issuer_without_audience_is_refused_in_enforce_and_warned_of_in_shadow() -> None:
    text = "auth: { oidc: https://idp.example.com }\n"
    assert "policy.audience-missing" in [one.code for one in compiled(text).warnings]
    with pytest.raises(Fault) as caught:
        compiled(text + "mode: enforce\n")
    assert [(one.code, one.line) for one in caught.value.diagnostics] == [
        ("policy.audience-missing", 2)
    ]
    form = form_of(compiled("mode: enforce\nauth: { oidc: https://i.example, audience: any }\n"))
    assert form["issuers"][0]["audience_rule"] == "any"


def test_limits_are_numbered_and_belong_to_their_operations() -> None:
    one = compiled(
        "limits:\n  - { per: principal, rate: 100/min }\n"
        '  - { per: [operation, address], rate: 5/15min, burst: 2, operations: ["post /login"] }\n'
        'operations:\n  "*": { limits: { concurrency: 9 } }\n'
        '  "POST /login": { limits: [{ per: all, rate: 1/s, name: logins }] }\n'
    )
    limits = form_of(one)["limits"]
    assert [limit["name"] for limit in limits] == ["default", "limit-1", "limit-2", "logins"]
    assert [limit["everywhere"] for limit in limits] == [True, False, False, False]
    assert limits[1]["quota"] == {"kind": "rate", "count": 5, "window_ms": 900_000, "burst": 2}
    assert limits[3]["per"] == []
    assert operation_of(one, "POST /login")["limits"] == [1, 2, 3]
    assert operation_of(one, "GET /open")["limits"] == [2]


@pytest.mark.parametrize(
    ("text", "code", "line", "hint"),
    [
        ('operations: { "POST /logon": {} }', "policy.unknown-operation", 2, "`POST /login`"),
        ('operations: { "GET /login": {} }', "policy.unknown-operation", 2, "`POST /login`"),
        ('limits: { rate: 5/s, operations: ["GET /opne"] }', "policy.unknown-operation", 2, "`GET /open`"),
        ('exceptions: [{ rule: match.unknown-path, operation: "GET /x" }]', "policy.unknown-operation", 2, ""),
        ("auth: { schemes: { basik: presence } }", "policy.unknown-scheme", 2, "`basic`"),
        ("auth: { schemes: { basic: token } }", "policy.scheme-without-keys", 2, ""),
    ],
)  # fmt: skip
def test_what_names_nothing_is_told_once_at_its_line(
    text: str, code: str, line: int, hint: str
) -> None:
    with pytest.raises(Fault) as caught:
        compiled(text + "\n")
    assert [(one.code, one.line) for one in caught.value.diagnostics] == [(code, line)]
    assert hint in caught.value.diagnostics[0].hint


def test_base_paths_give_an_operation_each_and_the_config_may_set_them() -> None:
    paths = "servers: [{ url: /v1 }, { url: 'http://h/v2' }]\n" + PATHS.lstrip("\n")
    one = compiled("limits: { rate: 1/s, operations: [GET /open] }\n", paths)
    ids = [operation.id for operation in one.operations]
    assert "GET /v1/open" in ids
    assert "GET /v2/open" in ids
    assert operation_of(one, "GET /v2/open")["limits"] == [0]
    own = compiled("base_path: /\n", paths)
    assert [operation.id for operation in own.operations] == [
        "POST /login",
        "GET /users/{id}",
        "GET /open",
    ]


def test_what_cannot_be_checked_is_listed_and_told_once_for_each_cause() -> None:
    paths = """
    paths:
      /a: { get: { parameters: [{ name: q, in: query, schema: { $ref: '#/components/schemas/Bad' } }] } }
      /b: { get: { parameters: [{ name: q, in: query, schema: { $ref: '#/components/schemas/Bad' } }] } }
      /c: { get: {} }
    components: { schemas: { Bad: { type: text } } }
    """
    one = compiled("mode: enforce\n", paths)
    assert [(each.operation, each.location.line) for each in one.unrepresentable] == [
        ("GET /a", 8),
        ("GET /b", 8),
    ]
    assert operation_of(one, "GET /c")["unrepresentable"] == []
    assert operation_of(one, "GET /a")["unrepresentable"]
    told = [each for each in one.warnings if each.code == "description.unrepresentable"]
    assert [each.line for each in told] == [8]


def test_two_templates_that_fit_the_same_requests_cannot_be_checked() -> None:
    one = compiled(
        "mode: shadow\n",
        "paths:\n  /a/{x}: { get: {} }\n  /a/{y}: { get: {} }\n  /a/b: { get: {} }\n",
    )
    assert sorted({each.operation for each in one.unrepresentable}) == ["GET /a/{x}", "GET /a/{y}"]


def test_shape_of_an_operation_is_the_common_one_with_its_own_keys_over_it() -> None:
    one = compiled(
        "shape: { breach: refuse, headers: { X-Frame-Options: '' } }\n"
        'operations: { "GET /open": { shape: { fields: pass }, body_max_bytes: 5, closed_query: true } }\n'
    )
    own = operation_of(one, "GET /open")
    assert (own["shape"]["fields"], own["shape"]["breach"]) == ("pass", "refuse")
    assert "x-frame-options" not in own["shape"]["headers"]
    assert (own["body_max_bytes"], own["closed_query"]) == (5, True)
    assert operation_of(one, "POST /login")["shape"] is None


def test_places_lead_back_to_lines() -> None:
    one = compiled(ISSUER)
    assert one.locate(None, "").file == "default"
    assert (one.locate(0, "/auth/oidc").line, one.locate(0, "/none").line) == (2, 1)
    assert str(one.locate(1, "/paths/~1login/post")) == "api/openapi.yaml:5:13"
    assert one.locate(9, "/x").line == 0


def test_every_place_in_the_form_exists_in_its_document() -> None:
    one = compiled(ISSUER + "limits: { rate: 1/s }\ncors: { origins: ['*'] }\n")

    def sources(node: Any) -> list[Any]:
        if isinstance(node, dict):
            own = [node["source"]] if isinstance(node.get("source"), dict) else []
            return own + [found for inner in node.values() for found in sources(inner)]
        return (
            [found for inner in node for found in sources(inner)] if isinstance(node, list) else []
        )

    documents = [one.config.document, *one.site.documents]
    found = sources(form_of(one))
    assert len(found) > 10
    for place in found:
        if place["document"] is not None:
            document = documents[place["document"]]
            assert document is not None
            assert follow(document.data, place["pointer"]) is not MISSING, place


def test_a_path_that_no_request_can_match_is_reported_and_left_out_of_the_form() -> None:
    one = compiled("mode: enforce\n", "paths:\n  '/a{': { get: {} }\n  /b: { get: {} }\n")
    assert [form["id"] for form in form_of(one)["operations"]] == ["GET /b"]
    assert [each.operation for each in one.unrepresentable] == ["GET /a{"]
