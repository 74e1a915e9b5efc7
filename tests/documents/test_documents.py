"""Real documents that nobody here wrote: each Request gets the verdict of an independent validator.

Every difference is on a list, with its reason; a difference that is not listed fails, and a listed
one that is gone fails, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.documents.court import Count, Court, Listed, compiled
from tests.documents.packages import DOCUMENTS, Document

CourtOf = Callable[[Document], Court]

SAMPLE = (40, 10)
"""Operations of each document and Requests of each operation, for `make test`."""
WHOLE = (10_000, 30)


LISTED = (
    Listed(
        "petstore-2.0",
        "DELETE /v2/pet/{petId}",
        "parse.underscore-field header:api_key",
        "many servers read `api_key` and `api-key` as one field, so `_` is refused unless relaxed",
        "relax: [parse.underscore-field]\n",
    ),
)
UNREPRESENTABLE = {
    "directus": {"a schema is a mapping": 1},
    "facebook": {"its path fits the same requests as that of": 132},
    "galaxy": {"`$ref` `#/components/schemas/PaginatedResource` leads to nothing": 1},
    "styles-3.0": {"the path holds a query or a fragment": 2},
    "styles-3.1": {"the path holds a query or a fragment": 2},
}
"""Operations that cannot be checked, since their documents are wrong there: reported, refused."""
UNMET = {"azure-openai": 2}
"""Operations whose bodies nothing fits: their schemas join closed objects with `allOf`."""

EACH = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def court_of(tmp_path_factory: pytest.TempPathFactory) -> CourtOf:
    """Courts by document, made once."""

    @cache
    def made(document: Document) -> Court:
        file = document.path()
        policy = compiled(file, tmp_path_factory.mktemp(document.name))
        return Court(document.name, file, policy)

    return made


def unlisted(count: Count) -> list[str]:
    """Differences that nobody has explained."""
    return [one.told() for one in count.differences if not any(map(one.is_listed, LISTED))]


@EACH
def test_every_operation_is_compiled_or_reported_with_its_line(
    document: Document, court_of: CourtOf
) -> None:
    court = court_of(document)  # Fails by itself where an operation was dropped.
    assert len({one.raw.pointer for one in court.placed}) == document.operations
    told = court.compiled.unrepresentable
    wanted = UNREPRESENTABLE.get(document.name, {})
    for start, number in wanted.items():
        assert len({one.operation for one in told if one.reason.startswith(start)}) == number
    assert all(one.reason.startswith(tuple(wanted)) for one in told)
    assert all(one.location.line > 1 for one in told)
    warned = " ".join(one.message for one in court.compiled.warnings)
    assert all(one.reason in warned for one in told)


@EACH
def test_a_sample_gets_the_verdict_of_the_independent_validator(
    document: Document, court_of: CourtOf
) -> None:
    count = court_of(document).judge(*SAMPLE)
    assert unlisted(count) == []
    judged = count.operations - count.unrepresentable
    assert count.allowed > judged / 2
    assert count.refused > judged / 2


@pytest.mark.slow
@EACH
def test_every_operation_gets_the_verdict_of_the_independent_validator(
    document: Document, court_of: CourtOf
) -> None:
    count = court_of(document).judge(*WHOLE)
    assert unlisted(count) == []
    assert count.operations == document.operations
    met = count.operations - count.unrepresentable - UNMET.get(document.name, 0)
    assert len(count.met) == met, "operations of which some Request fits"
    for listed in [one for one in LISTED if one.document == document.name]:
        assert any(one.is_listed(listed) for one in count.differences), listed


@pytest.mark.parametrize("listed", LISTED, ids=lambda one: one.ours)
def test_a_listed_difference_ends_with_the_lines_that_its_reason_names(
    listed: Listed, tmp_path: Path
) -> None:
    file = next(one.path() for one in DOCUMENTS if one.name == listed.document)
    policy = compiled(file, tmp_path, listed.mended)
    assert unlisted(Court("mended", file, policy).judge(*WHOLE)) == []


@pytest.mark.parametrize("word", ["required", "type", "enum", "parameters"])
def test_a_policy_that_lost_a_keyword_is_found_out(word: str, tmp_path: Path) -> None:
    """The comparison can fail: the Policy is compiled from a document without the keyword."""
    file = next(one.path() for one in DOCUMENTS if one.name == "petstore-2.0")
    document = json.loads(file.read_text(encoding="utf-8"))
    loosened = tmp_path / "loosened.json"
    loosened.write_text(json.dumps(_without(document, word)), encoding="utf-8")
    policy = compiled(loosened, tmp_path)
    assert unlisted(Court("petstore-2.0", file, policy).judge(*WHOLE))


def _without(node: object, word: str) -> object:
    """The document without a keyword of its schemas, or without parameters."""
    if isinstance(node, list):
        return [_without(one, word) for one in node]
    if not isinstance(node, dict):
        return node
    is_schema = "properties" in node or "items" in node or "format" in node or "enum" in node
    drops = word == "parameters" or is_schema
    return {key: _without(value, word) for key, value in node.items() if key != word or not drops}
