import pytest

from bartizan.policy.sources.mappings import mappings


def found(data: object) -> set[str]:
    return {at for at, _ in mappings(data)}


@pytest.mark.parametrize("word", ["default", "example", "examples", "enum", "const"])
@pytest.mark.parametrize(
    "names",
    [
        "$defs", "callbacks", "content", "definitions", "dependentSchemas", "encoding", "headers",
        "mediaTypes", "parameters", "pathItems", "patternProperties", "properties",
        "requestBodies", "responses", "schemas",
    ],
)  # fmt: skip
def test_what_is_named_like_a_keyword_is_looked_into_and_the_keyword_is_not(
    names: str, word: str
) -> None:
    data: dict[str, object] = {names: {word: {"a": {}, word: {"b": {}}}}}
    assert f"/{names}/{word}/a" in found(data)
    assert f"/{names}/{word}/{word}" not in found(data)
    assert found({word: {"a": {}}}) == {""}


def test_a_property_called_properties_is_described_by_a_schema() -> None:
    inner: dict[str, object] = {"properties": {"default": {}}, "default": {"no": {}}}
    assert found({"properties": {"properties": inner}}) == {
        "", "/properties/properties", "/properties/properties/properties/default",
    }  # fmt: skip


def test_a_mapping_of_names_is_itself_no_description_but_where_extensions_may_stand() -> None:
    assert found({"properties": {"a": {}}}) == {"", "/properties/a"}
    assert found({"responses": {"default": {}}}) == {"", "/responses", "/responses/default"}


def test_outer_comes_before_inner_through_lists_and_names_are_escaped() -> None:
    order = [at for at, _ in mappings({"allOf": [{"properties": {"a/b": {}}}]})]
    assert order == ["", "/allOf/0", "/allOf/0/properties/a~1b"]
