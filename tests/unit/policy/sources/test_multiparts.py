from typing import Any

import pytest

from bartizan.policy.sources import Description
from tests.unit.policy.sources.describe import described, only, problems, schema_of, warned

LIST = "{ type: array, prefixItems: [{ type: object }, {}] }"


def sent(media: str, kind: str = "multipart/mixed", version: str = "3.2.0") -> Description:
    """One POST whose body is of this media type."""
    return described(
        f"""
        paths:
          /a:
            post:
              requestBody:
                content:
                  {kind}: {media}
              responses: {{ '200': {{ description: d }} }}
        components: {{ schemas: {{ List: {LIST}, Item: {{ type: string }} }} }}
        """,
        version,
    )


def media_of(description: Description, kind: str = "multipart/mixed") -> Any:
    operation: Any = only(description)
    return operation.body["content"][kind]


@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/related", "multipart/*"])
def test_a_list_is_read_by_position(kind: str) -> None:
    for schema in (LIST, "{ $ref: '#/components/schemas/List' }", "{ items: {} }", "{}"):
        description = sent(f"{{ schema: {schema} }}", kind)
        media = media_of(description, kind)
        assert media["parts"] == {"prefix": [], "item": None}
        assert media["schema"]
        assert (problems(description), warned(description)) == ([], {})


def test_the_schema_of_each_part_and_the_encodings_of_positions_are_held() -> None:
    description = sent(
        "{ itemSchema: { $ref: '#/components/schemas/Item' }, prefixEncoding: "
        "[{ contentType: text/html }], itemEncoding: { contentType: 'text/css, image/*' } }"
    )
    media = media_of(description)
    assert schema_of(description, media["item"]) == {"type": "string"}
    (first,) = media["parts"]["prefix"]
    assert first["content_types"] == ["text/html"]
    assert media["parts"]["item"]["content_types"] == ["text/css", "image/*"]
    assert media["parts"]["item"]["source"]["pointer"].endswith("/itemEncoding")
    assert (problems(description), warned(description)) == ([], {})


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_an_object_goes_by_the_names_of_its_parts_under_any_type(version: str) -> None:
    schema = "{ properties: { a: {} } }"
    media = f"{{ schema: {schema}, encoding: {{ a: {{ contentType: image/png }} }} }}"
    description = sent(media, version=version)
    form = media_of(description)
    assert "parts" not in form
    assert form["encoding"]["a"]["content_types"] == ["image/png"]
    assert problems(description) == []


def test_a_form_goes_by_position_where_that_is_described() -> None:
    kind = "multipart/form-data"
    assert "parts" not in media_of(sent("{ schema: {} }", kind), kind)
    assert "parts" in media_of(sent(f"{{ schema: {LIST} }}", kind), kind)
    assert "parts" in media_of(sent("{ itemSchema: {}, itemEncoding: {} }", kind), kind)


def test_a_schema_that_says_bytes_leaves_the_parts_open() -> None:
    description = sent("{ schema: { type: string, format: binary } }", version="3.0.3")
    media = media_of(description)
    assert (media["schema"], media["parts"]) == (None, {"prefix": [], "item": None})
    assert problems(description) == []


def test_bytes_that_are_secret_stay_so() -> None:
    media = media_of(sent("{ schema: { type: string, x-bartizan-data-class: secret } }"))
    assert (media["schema"], media["unheld"]["class"]) == (None, "secret")


def test_a_body_of_which_nothing_is_said_is_not_read() -> None:
    assert "parts" not in media_of(sent("{}"))


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        (
            "{ schema: { type: integer } }",
            "the parts of `multipart/mixed` are a list here, and the schema allows none",
        ),
        (
            "{ schema: { type: object }, itemSchema: {} }",
            "the parts of `multipart/mixed` are a list here, and the schema allows none",
        ),
        (
            "{ schema: { type: array }, encoding: { a: {} }, itemEncoding: {} }",
            "`encoding` and `itemEncoding` exclude each other",
        ),
        (
            "{ itemSchema: {}, itemEncoding: { contentType: multipart/mixed } }",
            "parts that are multipart bodies themselves cannot be checked",
        ),
        (
            f"{{ schema: {LIST}, prefixEncoding: [{{ contentType: application/xml }}] }}",
            "parts of `application/xml` are bytes, and their schema allows no text",
        ),
        ("{ schema: {}, prefixEncoding: {} }", "`prefixEncoding` must be a list"),
        ("{ itemSchema: 1 }", "a schema is a mapping"),
    ],
)
def test_what_cannot_be_represented_is_told_at_its_line_and_refused(
    media: str, reason: str
) -> None:
    assert problems(sent(media)) == [f"9: {reason}"]


def test_xml_under_a_schema_that_takes_bytes_is_fine() -> None:
    description = sent(f"{{ schema: {LIST}, prefixEncoding: [{{}}, {{ contentType: a/xml }}] }}")
    assert problems(description) == []


def test_encodings_by_name_of_parts_without_names_are_told() -> None:
    description = sent(f"{{ schema: {LIST}, encoding: {{ a: {{}} }} }}")
    assert warned(description) == {"description.not-enforced": 9}


def test_version_2_has_lists_and_objects_of_parts_too() -> None:
    text = """
        paths:
          /a:
            post:
              consumes: [multipart/mixed, application/json]
              parameters: [{ name: b, in: body, schema: { type: array, items: {} } }]
              responses: { '200': { description: d } }
        """
    operation: Any = only(described(text, "2.0"))
    assert operation.body["content"]["multipart/mixed"]["parts"]
    assert "parts" not in operation.body["content"]["application/json"]
