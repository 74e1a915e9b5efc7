import json

import pytest

from bartizan.policy.document import Document
from bartizan.policy.remedy import reference, remedy

DATA = {
    "security": [{"tokn": []}, {"token": "read"}],
    "paths": {
        "orders": {"get": {}},
        "/a/{id": {"get": {}},
        "/b": {
            "get": {
                "parameters": [{"name": "q", "in": "querry"}, {"namme": "q", "in": "query"}],
                "requestBody": {"content": {"json": {}}},
                "responses": {"2O0": {}, "99": {}},
            }
        },
    },
    "components": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apikey"},
        },
        "schemas": {
            "One": {
                "type": "int",
                "minLength": "1",
                "required": "a",
                "enum": [],
                "additionalProperties": "no",
                "pattern": "(a",
                "$ref": "#/components/schemas/Oen",
            },
            "Two": {"type": ["string", None], "required": ["a", "a"], "maximum": True},
        },
    },
}
ONE, TWO = "/components/schemas/One", "/components/schemas/Two"
GET = "/paths/~1b/get"


@pytest.mark.parametrize(
    ("pointer", "hint", "place"),
    [
        (f"{ONE}/type", "did you mean `integer`?", f"{ONE}/type"),
        (f"{TWO}/type", 'write `"null"`', f"{TWO}/type/1"),
        (f"{ONE}/minLength", "write `1`, without quotes", f"{ONE}/minLength"),
        (f"{TWO}/maximum", "take it out, or write a number from 0", f"{TWO}/maximum"),
        (f"{ONE}/required", "write `[a]`", f"{ONE}/required"),
        (f"{TWO}/required", "name each once", f"{TWO}/required"),
        (f"{ONE}/enum", "take it out", f"{ONE}/enum"),
        (
            f"{ONE}/additionalProperties",
            "write `false`, without quotes",
            f"{ONE}/additionalProperties",
        ),
        (f"{ONE}/pattern", "take it out, or close every bracket that it opens", f"{ONE}/pattern"),
        (f"{ONE}/$ref", "did you mean `#/components/schemas/One`?", f"{ONE}/$ref"),
        ("/security/0/tokn", "did you mean `token`?", "/security/0/tokn"),
        ("/security/1/token", "write `[read]`", "/security/1/token"),
        (f"{GET}/parameters/0", "did you mean `query`?", f"{GET}/parameters/0/in"),
        (f"{GET}/parameters/1", "did you mean `name`?", f"{GET}/parameters/1/namme"),
        (f"{GET}/responses/2O0", "did you mean `200`?", f"{GET}/responses/2O0"),
        (f"{GET}/responses/99", "for example `'200'`", f"{GET}/responses/99"),
        (
            f"{GET}/requestBody/content/json",
            "did you mean `application/json`?",
            f"{GET}/requestBody/content/json",
        ),
        (
            "/components/securitySchemes/key",
            "did you mean `apiKey`?",
            "/components/securitySchemes/key/type",
        ),
        ("/paths/orders/get", "write `/orders`", "/paths/orders"),
        ("/paths/~1a~1{id/get", "write `/a/{id}`", "/paths/~1a~1{id"),
    ],
)
def test_a_problem_comes_with_what_mends_it(pointer: str, hint: str, place: str) -> None:
    told = remedy(Document("x.json", json.dumps(DATA), DATA), pointer)
    assert told is not None
    assert (told.hint, told.pointer) == (hint, place)


def test_where_nothing_can_be_told_nothing_is() -> None:
    assert remedy(Document("x.json", json.dumps(DATA), DATA), f"{GET}/responses") is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("#/definitions/One", "#/components/schemas/One"),
        ("#/component/schema/Two", "#/components/schemas/Two"),
        ("#components/schemas/Two", "#/components/schemas/Two"),
        ("other.yaml#/One", ""),
        ("#/components/schemas/Elsewhere", ""),
    ],
)
def test_a_reference_is_followed_by_the_nearest_names(written: str, meant: str) -> None:
    assert reference(DATA, written) == meant
