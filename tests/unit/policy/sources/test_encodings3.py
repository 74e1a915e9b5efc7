from typing import Any

import pytest

from bartizan.policy.sources import Description
from tests.unit.policy.sources.describe import described, only, problems, warned


def sent(encoding: str, kind: str = "multipart/form-data", version: str = "3.2.0") -> Description:
    """One POST of a form whose property `a` is encoded so."""
    return described(
        f"""
        paths:
          /a:
            post:
              requestBody:
                content:
                  {kind}:
                    schema: {{ type: object, properties: {{ a: {{}} }} }}
                    encoding: {{ a: {encoding} }}
              responses: {{ '200': {{ description: d }} }}
        """,
        version,
    )


def form_of(description: Description, kind: str = "multipart/form-data") -> Any:
    operation: Any = only(description)
    return operation.body["content"][kind]["encoding"]["a"]


def test_an_encoding_keeps_its_types_style_and_place() -> None:
    form = form_of(sent("{ contentType: 'image/png, text/*', style: form, explode: false }"))
    pointer = form.pop("source")["pointer"]
    assert pointer.endswith("/multipart~1form-data/encoding/a")
    assert form == {"content_types": ["image/png", "text/*"], "style": "form", "explode": False}


def test_the_headers_of_a_part_are_held_but_its_content_type_stands_elsewhere() -> None:
    headers = "{ X-A: { required: true, schema: { type: integer } }, Content-Type: { schema: {} } }"
    description = sent(f"{{ headers: {headers} }}")
    (header,) = form_of(description)["headers"]
    assert (header["name"], header["required"], header["in"]) == ("x-a", True, "header")
    assert warned(description) == {}


def test_headers_of_fields_that_are_no_parts_are_told() -> None:
    kind = "application/x-www-form-urlencoded"
    description = sent("{ headers: { X-A: { schema: {} } } }", kind)
    assert "headers" not in form_of(description, kind)
    assert warned(description) == {"description.not-enforced": 11}


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        (
            "{ contentType: multipart/mixed, prefixEncoding: [{}] }",
            "parts that are multipart bodies themselves cannot be checked",
        ),
        (
            "{ headers: { Content-Transfer-Encoding: { required: true, schema: {} } } }",
            "parts with `content-transfer-encoding` are refused, and it asks for one",
        ),
        ("{ contentType: nothing }", "`nothing` is not a list of media types"),
        ("{ style: simple }", "style `simple` does not fit its place"),
        ("[]", "an encoding must be a mapping"),
    ],
)
def test_what_no_part_can_meet_makes_the_operation_unrepresentable(
    encoding: str, reason: str
) -> None:
    assert problems(sent(encoding)) == [f"11: {reason}"]


def test_encodings_inside_one_that_holds_no_parts_are_told() -> None:
    description = sent("{ contentType: text/plain, itemEncoding: {} }")
    assert problems(description) == []
    assert warned(description) == {"description.not-enforced": 11}
