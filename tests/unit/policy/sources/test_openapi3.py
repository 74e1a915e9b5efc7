from typing import Any

import pytest

from tests.unit.policy.sources.describe import described, only, problems, schema_of, warned


def parameters(text: str, version: str = "3.0.3") -> Any:
    indented = "".join(f"        {line}\n" for line in text.splitlines())
    return described(f"paths:\n  /a/{{id}}:\n    get:\n      parameters:\n{indented}", version)


@pytest.mark.parametrize(
    ("text", "style", "explode"),
    [
        ("- { name: id, in: path, required: true, schema: {} }", "simple", False),
        ("- { name: id, in: path, required: true, style: matrix, schema: {} }", "matrix", False),
        ("- { name: id, in: path, required: true, style: label, explode: true, schema: {} }", "label", True),
        ("- { name: q, in: query, schema: {} }", "form", True),
        ("- { name: q, in: query, explode: false, schema: {} }", "form", False),
        ("- { name: q, in: query, style: deepObject, explode: true, schema: {} }", "deepObject", True),
        ("- { name: q, in: query, style: pipeDelimited, schema: {} }", "pipeDelimited", False),
        ("- { name: X-A, in: header, schema: {} }", "simple", False),
        ("- { name: c, in: cookie, schema: {} }", "form", True),
    ],
)  # fmt: skip
def test_style_and_explode_have_the_defaults_of_their_place(
    text: str, style: str, explode: bool
) -> None:
    form: Any = only(parameters(text)).parameters[0]
    assert (form["style"], form["explode"]) == (style, explode)
    assert form["name"] == form["name"].lower()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- { name: q, in: querystring, schema: {} }", "7: a parameter `in: querystring` cannot be checked"),
        ("- { name: q, in: query, style: simple, schema: {} }", "7: style `simple` does not fit its place"),
        ("- { name: q, in: query, schema: {}, content: {} }", "7: `schema` and `content` exclude each other"),
        ("- { $ref: '#/components/parameters/None' }", "7: `$ref` `#/components/parameters/None` leads to nothing"),
        ("- { name: q, in: query }\n- { name: q, in: query }", "8: query parameter `q` is declared twice"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_checked_is_kept_with_its_line(text: str, reason: str) -> None:
    assert reason in problems(parameters(text))


def test_an_undeclared_path_parameter_is_warned_of_and_takes_any_text() -> None:
    description = parameters("- { name: other, in: path, required: true, schema: {} }")
    assert [form["name"] for form in only(description).parameters] == ["id"]
    assert "description.path-parameter" in warned(description)


def test_path_level_parameters_are_merged_and_ignored_headers_left_out() -> None:
    description = described("""
    paths:
      /a/{id}:
        parameters:
          - { name: id, in: path, required: true, schema: { type: string } }
          - { name: q, in: query, schema: { type: string } }
        get:
          parameters:
            - { name: q, in: query, schema: { type: integer } }
            - { name: Authorization, in: header, schema: {} }
            - { name: f, in: query, content: { application/json: { schema: { type: object } } } }
    """)
    forms: Any = only(description).parameters
    assert [form["name"] for form in forms] == ["id", "q", "f"]
    assert schema_of(description, forms[1]["schema"]) == {"type": "integer"}
    assert forms[2]["content"] == "application/json"


@pytest.mark.parametrize(
    ("servers", "bases"),
    [
        ("[]", ("",)),
        ("[{ url: / }]", ("",)),
        ("[{ url: 'https://a.example/v1/' }, { url: 'http://b/v2' }, { url: 'http://c/v1' }]", ("/v1", "/v2")),
        ("[{ url: 'https://{h}.a/{v}', variables: { h: { default: x, enum: [x, y] }, v: { default: v1, enum: [v1, v2] } } }]",
         ("/v1", "/v2")),
        ("[{ url: '/v%201?x' }]", ("/v 1",)),
        ("[{ url: v3 }]", ("/v3",)),
    ],
)  # fmt: skip
def test_the_path_of_every_server_counts(servers: str, bases: tuple[str, ...]) -> None:
    description = described(f"servers: {servers}\npaths:\n  /a:\n    get: {{}}\n")
    assert only(description).bases == bases
    assert problems(description) == []


def test_a_server_variable_without_default_cannot_be_checked() -> None:
    description = described("servers: [{ url: '/{v}' }]\npaths:\n  /a:\n    get: {}\n")
    assert problems(description) == ["3: server variable `v` has no default"]


def test_security_is_kept_as_written() -> None:
    description = described("""
    security: [{ a: [] }]
    paths:
      /one: { get: {} }
      /two: { get: { security: [] } }
      /three: { get: { security: [{ a: [], b: [s] }, {}] } }
      /four: { get: { security: [{ none: [] }] } }
    components:
      securitySchemes:
        a: { type: http, scheme: Bearer }
        b: { type: oauth2, flows: {} }
        c: { type: apiKey, in: header, name: X-Key }
        d: { type: odd }
    """)
    one, two, three, _ = (operation.security for operation in description.operations)
    assert [[r.scheme for r in group] for group in one] == [["a"]]
    assert two == ()
    assert [[(r.scheme, r.scopes) for r in group] for group in three] == [
        [("a", ()), ("b", ("s",))],
        [],
    ]
    assert problems(description, 3) == ["9: security scheme `none` is not declared"]
    assert description.schemes["a"].credential == {"in": "authorization", "scheme": "bearer"}
    assert description.schemes["c"].credential == {"in": "header", "name": "x-key"}
    assert "description.security-scheme" in warned(description)


def test_bodies_responses_headers_and_encodings_are_lowered() -> None:
    description = described("""
    paths:
      /a:
        post:
          requestBody:
            required: true
            content:
              Multipart/Form-Data; charset=utf-8:
                schema: { type: object }
                encoding: { f: { contentType: 'image/*, text/plain' } }
          responses:
            '2xx': { $ref: '#/components/responses/Ok' }
            default: { description: d }
    components:
      responses:
        Ok:
          description: d
          headers: { X-Left: { required: true, schema: { type: integer } } }
          content: { '*/*': {} }
          links: { a: {} }
    """)
    operation: Any = only(description)
    media = operation.body["content"]["multipart/form-data"]
    assert media["encoding"]["f"]["content_types"] == ["image/*", "text/plain"]
    assert set(operation.responses) == {"2XX", "default"}
    ok = operation.responses["2XX"]
    assert ok["headers"][0]["name"] == "x-left"
    assert ok["content"]["*/*"]["schema"] is None
    assert operation.responses["default"]["content"] == {}
    assert warned(description) == {"description.not-enforced": 22}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/a?b=1", "the path holds a query or a fragment"),
        ("a", "the path does not begin with a slash"),
        ("/{a}{b}", "two parameters touch in the path"),
        ("/{a}/{a}", "the path names one parameter twice"),
        ("/{a", "the path has a brace that is not closed"),
    ],
)
def test_a_path_that_cannot_be_matched_is_kept_with_its_reason(path: str, reason: str) -> None:
    assert f"5: {reason}" in problems(described(f"paths:\n  '{path}':\n    get: {{}}\n"))


def test_a_path_item_by_reference_and_percent_escapes_are_read() -> None:
    description = described(
        "paths:\n  /a%20b: { $ref: 'items.yaml#/item' }\n",
        items_yaml="item: { get: {}, put: {} }\n",
    )
    assert [(one.method, one.path) for one in description.operations] == [
        ("GET", "/a b"),
        ("PUT", "/a b"),
    ]


def test_what_is_not_enforced_is_told_once() -> None:
    description = described("""
    paths:
      /a: { get: { callbacks: { c: {} } } }
      /b: { get: { callbacks: { c: {} } } }
    webhooks: { w: {} }
    """)
    told = [one.message for one in description.warnings if one.code == "description.not-enforced"]
    assert sorted(told) == [
        "`callbacks` are not enforced (2 in the description)",
        "`webhooks` are not enforced (1 in the description)",
    ]


def test_a_misspelt_field_is_warned_of_with_its_line() -> None:
    assert warned(described("paths:\n  /a:\n    get:\n      parametres: []\n")) == {
        "description.unknown-field": 6
    }


def test_query_and_additional_operations_are_operations_since_3_2() -> None:
    text = """
    paths:
      /a:
        get: {}
        query: { requestBody: { content: { application/json: { schema: {} } } } }
        additionalOperations:
          COPY: {}
          m-search: {}
          POST: {}
          CONNECT: {}
          'no method': {}
    """
    description = described(text, "3.2.0")
    methods = [one.method for one in description.operations]
    assert methods == ["GET", "QUERY", "COPY", "m-search", "POST", "CONNECT", "no method"]
    assert problems(description, 2) == []
    assert problems(description, 5) == ["12: CONNECT is never forwarded"]
    assert problems(description, 6) == ["13: `no method` is not a method"]
    assert warned(description) == {"description.path-item": 11}
    older = described(text, "3.1.0")
    assert [one.method for one in older.operations] == ["GET"]
    assert warned(older) == {"description.unknown-field": 7}


def test_additional_operations_that_are_no_mapping_are_told() -> None:
    description = described("paths:\n  /a:\n    additionalOperations: []\n", "3.2.0")
    assert "description.path-item" in warned(description)


def test_a_requirement_may_name_a_scheme_by_its_uri_since_3_2() -> None:
    text = """
    paths:
      /a: { get: { security: [{ './more.yaml#/schemes/bearer': [s] }] } }
    """
    more = "schemes: { bearer: { type: http, scheme: bearer } }\n"
    description = described(text, "3.2.0", more_yaml=more)
    ((required,),) = only(description).security
    assert problems(description) == []
    assert description.schemes[required.scheme].kind == "token"
    assert "is not declared" in problems(described(text, "3.1.0", more_yaml=more))[0]


def test_what_3_2_adds_to_servers_and_schemes_is_known_there_alone() -> None:
    text = """
    servers: [{ url: /, name: main }]
    paths: {}
    components:
      securitySchemes:
        a:
          type: oauth2
          deprecated: true
          oauth2MetadataUrl: https://idp.example/.well-known/x
          flows: { deviceAuthorization: { deviceAuthorizationUrl: 'https://a', tokenUrl: 'https://b', scopes: {} } }
    """
    unknown = "description.unknown-field"
    assert unknown not in warned(described(text + "    x-paths: {}\n", "3.2.0"))
    told = [one.code for one in described(text, "3.1.0").warnings]
    assert told.count(unknown) == 3


def test_operations_beside_a_ref_that_leads_nowhere_are_kept_with_its_reason() -> None:
    description = described("""
    paths:
      /a:
        $ref: '#/nothing'
        get: { responses: {} }
    """)
    assert [one.method for one in description.operations] == ["GET"]
    assert any("`#/nothing` leads to nothing" in one for one in problems(description))


def test_operations_beside_a_ref_come_with_those_behind_it() -> None:
    description = described("""
    paths:
      /a: { $ref: '#/paths/~1b', get: { responses: {} } }
      /b: { put: { responses: {} }, get: { responses: {} } }
    """)
    found = [f"{one.method} {one.path}" for one in description.operations]
    assert sorted(found) == ["GET /a", "GET /b", "PUT /a", "PUT /b"]


def test_an_unknown_dialect_is_told_at_its_own_line() -> None:
    description = described(
        "jsonSchemaDialect: https://example.com/d\npaths: { /a: { get: {} } }\n", "3.1.0"
    )
    assert problems(description) == ["3: schema dialect `https://example.com/d` is not supported"]


BESIDE = """
paths:
  /a:
    $ref: '#/paths/~1b'
    servers: [{ url: /here }]
    parameters: [{ name: p, in: query, schema: { type: integer } }]
    put: { responses: {} }
  /b:
    parameters:
      - { name: p, in: query, schema: { type: string } }
      - { name: q, in: query, schema: {} }
    get: { responses: {} }
"""


def test_parameters_and_servers_beside_a_ref_hold_for_every_operation_of_the_path() -> None:
    description = described(BESIDE)
    here = [one for one in description.operations if one.path == "/a"]
    assert [one.method for one in here] == ["PUT", "GET"]
    for one in here:
        assert one.bases == ("/here",)
        assert [form["name"] for form in one.parameters] == ["p", "q"]
        key = one.parameters[0]["schema"]
        assert schema_of(description, key) == {"type": "integer"}
    (other,) = [one for one in description.operations if one.path == "/b"]
    assert other.bases == ("",)
    assert schema_of(description, other.parameters[0]["schema"]) == {"type": "string"}


def test_what_stands_beside_a_ref_and_behind_it_is_told_at_its_line() -> None:
    told = [(one.line, one.message) for one in described(BESIDE).warnings]
    assert (8, "`parameters` beside a `$ref` come before those behind it") in told
    assert not any("`servers` beside" in message for _, message in told)


def test_a_field_that_is_none_is_told_beside_a_ref_too() -> None:
    description = described(BESIDE.replace("servers: [{ url: /here }]", "sevrers: []"))
    assert warned(description)["description.unknown-field"] == 7
