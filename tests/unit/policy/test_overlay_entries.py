import pytest

from bartizan.policy.overlay_entries import Overlay, OverlayFiles, as_written
from tests.unit.policy.configured import configured, refused


def listed(text: str) -> list[tuple[str, str, str]]:
    """File, document and pointer of each overlay of a config."""
    found = configured(f"overlays: {text}\n").overlays
    cut = [(one.location, one.document, one.pointer) for one in found]
    return [(a.rpartition("/")[2], b.rpartition("/")[2], c.rpartition("/")[2]) for a, b, c in cut]


def test_files_are_laid_over_what_they_say_themselves() -> None:
    assert listed("a.yaml") == [("a.yaml", "", "overlays")]
    assert listed("[b.yaml, a.yaml]") == [("b.yaml", "", "0"), ("a.yaml", "", "1")]


def test_files_by_document_keep_their_order() -> None:
    assert listed("{ auto: [b.yaml, a.yaml], common.yaml: c.yaml }") == [
        ("b.yaml", "auto", "0"), ("a.yaml", "auto", "1"), ("c.yaml", "common.yaml", "common.yaml"),
    ]  # fmt: skip
    assert listed("{ http://a.example/o.json: c.yaml }")[0][1] == "o.json"


@pytest.mark.parametrize(
    "text", ["5", "[5]", "{ a.yaml: 5 }", "{ a.yaml: { b: c } }", "{ 'ftp://a': b.yaml }"]
)
def test_what_is_no_file_is_refused_at_its_line(text: str) -> None:
    assert refused(f"overlays: {text}") == [("config.wrong-value", 2)]


def test_the_value_is_shown_as_it_may_be_written() -> None:
    assert as_written((Overlay("a"), Overlay("b"))) == ["a", "b"]
    assert as_written((Overlay("a", "x"), Overlay("b", "x"))) == {"x": ["a", "b"]}


def test_the_schema_takes_files_and_files_by_document() -> None:
    files, by_document = OverlayFiles().schema({})["anyOf"]  # type: ignore[misc]
    assert by_document == {"type": "object", "additionalProperties": files}  # type: ignore[has-type]
