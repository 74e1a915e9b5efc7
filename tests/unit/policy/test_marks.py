import json
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import Compiled
from tests.unit.policy.test_compile import compiled

AUTH = "auth: { oidc: https://idp.example.com, audience: api }\n"
PATHS = """
x-bartizan-limits: { per: address, rate: 100/min }
paths:
  /a:
    x-bartizan-auth: required
    get: {}
    put: { x-bartizan-auth: declared }
  /b:
    get: { x-bartizan-limits: [{ name: slow, per: all, concurrency: 2 }] }
"""


def forms(text: str, paths: str) -> tuple[Compiled, dict[str, Any]]:
    made = compiled(text, paths)
    form = json.loads(made.form)
    return made, {one["id"]: one for one in form["operations"]} | {"limits": form["limits"]}


def told(made: Compiled) -> dict[str, int]:
    return {one.code: one.line for one in made.own_warnings}


def test_the_innermost_word_of_a_document_counts_and_is_placed_there() -> None:
    made, form = forms(AUTH, PATHS)
    (group,) = form["GET /a"]["security"]
    place = group[0]["source"]
    assert made.locate(place["document"], place["pointer"]).line == 7
    assert form["PUT /a"]["security"] == form["GET /b"]["security"] == []


def test_limits_of_a_document_are_shared_and_those_of_an_operation_its_own() -> None:
    made, form = forms(AUTH, PATHS)
    assert [form[one]["limits"] for one in ("GET /a", "PUT /a", "GET /b")] == [[0], [0], [0, 1]]
    common, slow = form["limits"]
    assert (common["everywhere"], slow["name"]) == (False, "slow")
    places = [
        made.locate(one["source"]["document"], one["source"]["pointer"]) for one in form["limits"]
    ]
    assert [place.line for place in places] == [4, 11]


def test_the_config_wins_over_the_document() -> None:
    _, form = forms(AUTH + "operations: { GET /a: { security: none } }\n", PATHS)
    assert form["GET /a"]["security"] == []


OPENED = """
security: [{ t: [] }]
paths: { /a: { get: { x-bartizan-auth: none } } }
components: { securitySchemes: { t: { type: http, scheme: bearer } } }
"""


def test_a_document_that_opens_what_it_protects_is_told_aloud() -> None:
    made, form = forms(AUTH, OPENED)
    assert form["GET /a"]["security"] == []
    assert told(made)["policy.opened-by-document"] == 5
    kept, form = forms(AUTH.replace("api }", "api, require: always }"), OPENED)
    assert form["GET /a"]["security"] != []
    assert "policy.opened-by-document" not in told(kept)


@pytest.mark.parametrize(
    ("mark", "code", "hint"),
    [
        ("x-bartizan-limit: 5", "description.unknown-mark", "did you mean `x-bartizan-limits`?"),
        ("x-bartizan-mode: shadow", "description.unknown-mark", "the mode is set in the config"),
        ("x-bartizan-auth: open", "config.unknown-word", ""),
        ("x-bartizan-limits: { rate: fast }", "config.wrong-value", ""),
        ("x-bartizan-limits: { per: address }", "config.conflict", ""),
        ("x-bartizan-exposure: everywhere", "config.unknown-word", ""),
    ],
)
def test_a_word_that_is_none_of_ours_stops_with_its_line(mark: str, code: str, hint: str) -> None:
    with pytest.raises(Fault) as raised:
        compiled("", f"paths:\n  /a:\n    get:\n      {mark}\n")
    (one,) = raised.value.diagnostics
    assert (one.code, one.line) == (code, 6)
    assert one.file.endswith("openapi.yaml")
    assert not hint or one.hint == hint


def test_what_stands_where_it_does_nothing_is_told() -> None:
    made, _ = forms(
        "",
        """
    paths:
      /a:
        get:
          x-bartizan-owner: team-a
          parameters: [{ name: q, in: query, schema: { type: string, x-bartizan-auth: none } }]
    """,
    )
    assert told(made) == {"description.idle-mark": 8}


def test_a_class_has_an_effect_only_where_an_operation_uses_it() -> None:
    secret = "x-bartizan-data-class: secret"
    made, _ = forms(
        "",
        f"""
    paths:
      /a: {{ get: {{ parameters: [{{ name: q, in: query, {secret}, schema: {{}} }}] }} }}
      /b: {{ get: {{ parameters: [{{ name: q, in: query, schema: {{ {secret} }} }}] }} }}
    components: {{ schemas: {{ Lost: {{ type: string, {secret} }} }} }}
    """,
    )
    assert told(made) == {"description.idle-mark": 7}


def test_the_innermost_label_of_document_path_and_operation_counts() -> None:
    made, form = forms(
        "",
        """
    x-bartizan-owner: platform
    paths:
      /a:
        x-bartizan-owner: team-a
        get: {}
        put: { x-bartizan-owner: "ann@example.com" }
      /b: { get: {} }
    """,
    )
    owners = {one: form[one]["owner"] for one in ("GET /a", "PUT /a", "GET /b")}
    assert owners == {"GET /a": "team-a", "PUT /a": "ann@example.com", "GET /b": "platform"}
    assert told(made) == {}


def test_examples_hold_no_marks() -> None:
    forms(
        "",
        "paths: { /a: { get: { x-more: 1, parameters: [{ name: q, in: query, example: { x-bartizan-x: 1 }, schema: {} }] } } }",
    )


@pytest.mark.parametrize("name", ["default", "example", "examples", "enum", "const"])
@pytest.mark.parametrize("word", ["properties", "patternProperties", "dependentSchemas", "$defs"])
def test_marks_of_what_is_named_like_a_keyword_are_read(word: str, name: str) -> None:
    schema = f"{{ {word}: {{ {name}: {{ x-bartizan-data-clas: secret }} }} }}"
    with pytest.raises(Fault) as raised:
        compiled("", f"paths: {{}}\ncomponents: {{ schemas: {{ A: {schema} }} }}\n")
    (one,) = raised.value.diagnostics
    assert (one.code, one.hint) == (
        "description.unknown-mark", "did you mean `x-bartizan-data-class`?",
    )  # fmt: skip


def test_a_mark_without_effect_in_what_is_named_like_a_keyword_is_told() -> None:
    made, form = forms(
        "",
        """
    paths:
      /a:
        get:
          responses:
            default:
              description: d
              headers: { default: { schema: {}, x-bartizan-data-class: secret } }
              x-bartizan-owner: nobody
    components:
      schemas:
        Lost: { properties: { enum: { x-bartizan-data-class: secret } } }
    """,
    )
    header = form["GET /a"]["responses"]["default"]["headers"][0]
    assert header["class"] == "secret"
    lines = sorted(one.line for one in made.own_warnings if one.code == "description.idle-mark")
    assert lines == [11, 14]
