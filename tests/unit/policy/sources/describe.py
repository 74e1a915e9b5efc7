"""Small descriptions from plain texts, for the tests of the sources."""

import textwrap
from collections.abc import Mapping
from typing import Any

from bartizan.policy.sources import Description, Operation, read

HEAD = "openapi: {version}\ninfo: {{ title: t, version: '1' }}\n"


def described(text: str, version: str = "3.0.3", **files: str) -> Description:
    """The description in `text` below a head; `files`: others beside it, `_` for a dot."""
    head = HEAD.format(version=version) if version[0] == "3" else "swagger: '2.0'\n"
    held = {"api/openapi.yaml": head + textwrap.dedent(text)}
    held |= {f"api/{name.replace('_', '.')}": textwrap.dedent(one) for name, one in files.items()}

    def fetch(location: str) -> bytes:
        if location not in held:
            raise FileNotFoundError(2, "no such file")
        return held[location].encode()

    return read("api/openapi.yaml", fetch)


def only(description: Description) -> Operation:
    """Its one Operation."""
    (one,) = description.operations
    return one


def problems(description: Description, index: int = 0) -> list[str]:
    """Why the Operation cannot be checked, each with its line."""
    operation = description.operations[index]
    found = operation.draft.problems + description.schemas.problems(operation.draft.keys)
    return [f"{description.locate(spot).line}: {reason}" for spot, reason in found]


def schema_of(description: Description, key: object) -> Any:
    """The lowered schema under a key of the form."""
    assert isinstance(key, str)
    return description.schemas.form[key]


def warned(description: Description) -> Mapping[str, int]:
    """Codes of the warnings, with the line of each."""
    return {one.code: one.line for one in description.warnings}


def body_schema(text: str, version: str = "3.0.3") -> tuple[Description, Any]:
    """A description whose one POST takes the schema in `text`, and that schema lowered."""
    indented = textwrap.indent(textwrap.dedent(text), " " * 14)
    description = described(
        "paths:\n  /a:\n    post:\n      requestBody:\n        content:\n          application/json:\n"
        f"            schema:\n{indented}      responses: {{}}\n",
        version,
    )
    body: Any = only(description).body
    return description, schema_of(description, body["content"]["application/json"]["schema"])


USER = """
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } }
      responses:
        '200':
          description: d
          content: { application/json: { schema: { $ref: '#/components/schemas/User' } } }
components:
  schemas:
    User:
      type: object
      required: [id, name, password]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string }
        password: { type: string, writeOnly: true }
        friend: { $ref: '#/components/schemas/User' }
        tag: { $ref: '#/components/schemas/Tag' }
    Tag: { type: string }
"""
"""A schema that holds properties of one direction each, and itself."""


def both_ways(text: str, version: str = "3.0.3") -> tuple[Any, str, str]:
    """The description, and the keys of the one body that is sent and of the one answered."""
    description = described(text, version)
    operation: Any = only(description)
    request = operation.body["content"]["application/json"]["schema"]
    response = operation.responses["200"]["content"]["application/json"]["schema"]
    return description, request, response
