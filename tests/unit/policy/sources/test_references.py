import textwrap
from typing import Any

import pytest

from tests.unit.policy.sources.describe import (
    USER,
    both_ways,
    described,
    only,
    problems,
    schema_of,
    warned,
)


def test_a_discriminator_keeps_its_mapping_with_new_names() -> None:
    text = USER.replace(
        "    Tag: { type: string }",
        "    Tag:\n      oneOf: [{ $ref: '#/components/schemas/User' }]\n"
        "      discriminator: { propertyName: kind, mapping: { u: '#/components/schemas/User', v: User, w: None } }",
    )
    description, _, response = both_ways(text)
    tag = schema_of(description, "1#/components/schemas/Tag!response")
    target = "#/$defs/1%23~1components~1schemas~1User!response"
    assert tag["discriminator"] == {"propertyName": "kind", "mapping": {"u": target, "v": target}}
    assert "description.discriminator" in warned(description)
    assert response.endswith("!response")


def test_the_default_of_a_discriminator_is_kept_since_3_2() -> None:
    text = "discriminator: { propertyName: kind, defaultMapping: Other }\n"
    more = """
    components:
      schemas:
        Other: { type: object }
    """

    def lowered(version: str) -> Any:
        description = described(
            "paths:\n  /a:\n    get:\n      responses:\n        default:\n          content:\n"
            f"            application/json: {{ schema: {{ {text.strip()} }} }}\n"
            + textwrap.dedent(more),
            version,
        )
        media: Any = only(description).responses["default"]["content"]
        return schema_of(description, media["application/json"]["schema"])["discriminator"]

    default = "#/$defs/1%23~1components~1schemas~1Other"
    assert lowered("3.2.0") == {"propertyName": "kind", "defaultMapping": default}
    assert lowered("3.1.0") == {"propertyName": "kind"}


TREE = """
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: '#tree' } } } }
      responses: {}
components:
  schemas:
    Tree:
      $dynamicAnchor: tree
      properties: { children: { type: array, items: { $dynamicRef: '#tree' } } }
"""


def test_a_dynamic_reference_with_one_target_is_a_reference() -> None:
    description = described(TREE, "3.1.0")
    key = "1#/components/schemas/Tree"
    uri = "#/$defs/1%23~1components~1schemas~1Tree"
    assert schema_of(description, key)["properties"]["children"]["items"] == {"$ref": uri}
    assert problems(description) == []


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_dynamic_reference_with_several_targets_cannot_be_checked(where: str) -> None:
    other = "    Strict: { $id: 'https://a.test/s', $dynamicAnchor: tree, $ref: '#/x' }\n"
    text = TREE + other
    if where == "there":
        text = TREE.replace("properties: {", "properties: { a: { $ref: 'more.yaml#/Strict' },")
    description = described(text, "3.1.0", more_yaml="Strict: { $dynamicAnchor: tree }\n")
    assert problems(description) == ["13: `$dynamicRef` `#tree` may mean each of 2 schemas"]


def test_a_dynamic_reference_to_an_anchor_is_a_reference_whatever_else_has_its_name() -> None:
    text = TREE.replace("$dynamicAnchor: tree", "$anchor: tree")
    text += "    Other: { $id: 'https://a.test/o', $dynamicAnchor: tree }\n"
    assert problems(described(text, "3.1.0")) == []


def test_two_references_in_one_schema_are_not_read_as_one() -> None:
    text = TREE.replace("{ $dynamicRef: '#tree' }", "{ $ref: '#tree', $dynamicRef: '#tree' }")
    reason = "`$dynamicRef` beside another reference is not supported"
    assert problems(described(text, "3.1.0")) == [f"13: {reason}"]
