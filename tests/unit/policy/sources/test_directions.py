from tests.unit.policy.sources.describe import USER, both_ways, schema_of


def test_read_only_and_write_only_make_two_directions_of_what_reaches_them() -> None:
    description, request, response = both_ways(USER)
    assert request == "1#/components/schemas/User!request"
    assert response == "1#/components/schemas/User!response"
    sent = schema_of(description, request)
    assert sent["properties"]["id"] == {"not": {}, "x-bartizan-direction": "readOnly"}
    assert sent["required"] == ["name", "password"]
    friend = sent["properties"]["friend"]["$ref"]
    assert friend == "#/$defs/1%23~1components~1schemas~1User!request"
    assert sent["properties"]["tag"]["$ref"] == "#/$defs/1%23~1components~1schemas~1Tag"
    answered = schema_of(description, response)
    assert answered["properties"]["password"] == {"not": {}, "x-bartizan-direction": "writeOnly"}
    assert answered["required"] == ["id", "name"]
    assert set(description.schemas.form) == {request, response, "1#/components/schemas/Tag"}


def test_a_required_name_leaves_also_through_all_of() -> None:
    description, request, _ = both_ways(
        USER.replace("    Tag: { type: string }", "    Tag:\n      allOf:\n"
                           "        - $ref: '#/components/schemas/User'\n        - required: [id, name]")
        .replace("schemas/User' } } } }\n      resp", "schemas/Tag' } } } }\n      resp")
    )  # fmt: skip
    assert schema_of(description, request)["allOf"][1] == {"required": ["name"]}
