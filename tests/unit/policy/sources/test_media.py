import pytest

from bartizan.policy.sources.media import (
    is_lines,
    is_read,
    is_sequence,
    is_xml,
    may_be_xml,
    media_range,
    says_more_than_bytes,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/*", "text/*"),
        ("*/*", "*/*"),
        ("application/problem+json", "application/problem+json"),
        ("json", None),
        ("a/b/c", None),
    ],
)
def test_a_media_range_is_lower_case_without_parameters(written: str, read: str | None) -> None:
    assert media_range(written) == read


def test_sequences_are_events_lines_and_record_separated_texts() -> None:
    lines = ("application/jsonl", "application/x-ndjson", "application/geo+json-seq")
    assert all(is_lines(one) and is_sequence(one) for one in lines)
    assert is_sequence("text/event-stream")
    assert not is_lines("text/event-stream")
    assert not is_sequence("application/json")


@pytest.mark.parametrize(
    ("name", "request_is_read", "response_is_read"),
    [
        ("application/problem+json", True, True),
        ("multipart/form-data", True, False),
        ("text/plain", True, False),
        ("application/x-ndjson", True, False),
        ("text/event-stream", False, False),
        ("application/xml", True, False),
        ("text/xml", True, False),
        ("image/svg+xml", True, False),
    ],
)
def test_what_is_held_against_a_schema_depends_on_the_direction(
    name: str, request_is_read: bool, response_is_read: bool
) -> None:
    assert (is_read(name, "request"), is_read(name, "response")) == (
        request_is_read,
        response_is_read,
    )


def test_a_schema_of_bytes_says_nothing_that_could_be_missed() -> None:
    assert not says_more_than_bytes({"type": "string", "format": "binary", "x-a": 1})
    assert says_more_than_bytes({"type": "string", "maxLength": 3})
    assert says_more_than_bytes({"$ref": "#/a"})


def test_xml_may_come_under_its_names_and_under_wide_ranges() -> None:
    assert is_xml("text/xml")
    assert not is_xml("application/json")
    ranges = ("application/atom+xml", "*/*", "application/*", "text/*")
    assert all(may_be_xml(one) for one in ranges)
    assert not any(may_be_xml(one) for one in ("image/*", "text/plain"))
