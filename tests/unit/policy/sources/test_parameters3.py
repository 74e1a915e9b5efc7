from typing import Any

import pytest

from bartizan.policy.sources import Description
from tests.unit.policy.sources.describe import described, only, problems, schema_of, warned

FORM = "application/x-www-form-urlencoded: { schema: { type: object } }"


def parameters(*lines: str, version: str = "3.2.0") -> Description:
    listed = "".join(f"        - {line}\n" for line in lines)
    return described(f"paths:\n  /a:\n    get:\n      parameters:\n{listed}", version)


@pytest.mark.parametrize(
    "content",
    ["application/x-www-form-urlencoded", "application/json", "text/plain"],
)
def test_the_whole_query_is_one_content(content: str) -> None:
    line = "{ name: q, in: querystring, content: { @: { schema: { type: object } } } }".replace(
        "@", content
    )
    description = parameters(line)
    form: Any = only(description).parameters[0]
    assert (form["in"], form["content"]) == ("querystring", content)
    assert schema_of(description, form["schema"]) == {"type": "object"}
    assert problems(description) == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["{ name: q, in: querystring, schema: {} }"],
         "7: `schema` does not go with `in: querystring`; write `content`"),
        (["{ name: q, in: querystring }"], "7: a parameter `in: querystring` needs `content`"),
        (["{ name: q, in: querystring, content: { application/xml: { schema: {} } } }"],
         "7: a query that is `application/xml` cannot be checked"),
        (["{ name: q, in: querystring, content: { @ } }".replace("@", FORM), "{ name: p, in: query, schema: {} }"],
         "5: parameters `in: query` and `in: querystring` exclude each other"),
        (["{ name: q, in: querystring, content: { @ } }".replace("@", FORM), "{ name: r, in: querystring, content: { @ } }".replace("@", FORM)],
         "5: two parameters are `in: querystring`"),
    ],
)  # fmt: skip
def test_a_query_that_is_declared_twice_or_by_halves_cannot_be_checked(
    lines: list[str], reason: str
) -> None:
    assert reason in problems(parameters(*lines))


def test_the_whole_query_came_with_3_2() -> None:
    line = "{ name: q, in: querystring, content: { @ } }".replace("@", FORM)
    assert problems(parameters(line, version="3.1.0")) == [
        "7: a parameter `in: querystring` cannot be checked"
    ]


def test_the_cookie_style_is_read_as_pairs() -> None:
    description = parameters("{ name: c, in: cookie, style: cookie, schema: {} }")
    form: Any = only(description).parameters[0]
    assert (form["style"], form["explode"]) == ("form", True)
    assert problems(description) == []
    older = parameters("{ name: c, in: cookie, style: cookie, schema: {} }", version="3.1.0")
    assert problems(older) == ["7: style `cookie` does not fit its place"]


def test_allow_reserved_changes_nothing_since_reserved_characters_are_read_anyway() -> None:
    description = parameters("{ name: h, in: header, allowReserved: true, schema: {} }")
    plain = parameters("{ name: h, in: header, schema: {} }")
    assert only(description).parameters == only(plain).parameters
    assert warned(description) == {}
