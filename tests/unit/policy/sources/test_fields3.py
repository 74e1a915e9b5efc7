from bartizan.policy.sources.fields3 import fields_of, is_known_dialect, styles_of


def test_a_field_is_known_from_its_version_on() -> None:
    assert "itemSchema" in fields_of("media type", "3.2")
    assert "itemSchema" not in fields_of("media type", "3.1")
    assert {"$self", "webhooks", "paths"} <= fields_of("document", "3.2")
    assert "webhooks" not in fields_of("document", "3.0")
    assert "query" in fields_of("path item", "3.2")


def test_the_cookie_style_came_with_3_2() -> None:
    assert styles_of("cookie", "3.2") == ("form", "cookie")
    assert styles_of("cookie", "3.1") == ("form",)
    assert styles_of("path", "3.2") == styles_of("path", "3.0")


def test_only_the_dialects_of_2020_12_are_known() -> None:
    assert is_known_dialect("https://spec.openapis.org/oas/3.2/dialect/2025-09-17")
    assert is_known_dialect("https://json-schema.org/draft/2020-12/schema#")
    assert not is_known_dialect("http://json-schema.org/draft-07/schema#")


def test_a_media_type_may_be_described_since_3_2() -> None:
    assert "description" in fields_of("media type", "3.2")
    assert "description" not in fields_of("media type", "3.1")
