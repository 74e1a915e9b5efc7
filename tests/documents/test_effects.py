"""What each keyword comes to: it is enforced, says nothing by the standard, or its line is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.documents import rows2, rows3, rows_schema, scene3
from tests.documents.grammar import Keyword, grammar
from tests.documents.rows import ABSENT, OWN, Row, Table
from tests.documents.stage import TRAFFIC, Played, Sent, Stage, line_of, places, put, without

NAMES_3_0 = {
    "Info": "info", "Contact": "contact", "License": "license", "Server": "server",
    "ServerVariable": "server-variable", "Components": "components", "PathItem": "path-item",
    "Operation": "operation", "ExternalDocumentation": "external-documentation",
    "Parameter": "parameter", "RequestBody": "request-body", "MediaType": "media-type",
    "Encoding": "encoding", "Responses": "responses", "Response": "response",
    "Example": "example", "Link": "link", "Header": "header", "Tag": "tag",
    "Reference": "reference", "Schema": "schema", "XML": "xml", "Discriminator": "discriminator",
    "OAuthFlows": "oauth-flows", "ImplicitOAuthFlow": "implicit", "PasswordOAuthFlow": "password",
    "ClientCredentialsFlow": "client-credentials",
    "AuthorizationCodeOAuthFlow": "authorization-code",
}  # fmt: skip
"""What the meta-schema of 3.0 calls the objects that the later ones have, too."""


Kinds = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Where objects stand, and what both documents hold for them."""


class Version:
    """The rows of one version."""

    def __init__(
        self, version: str, base: Any, table: Table, kinds: Kinds, names: Mapping[str, str]
    ) -> None:
        self.version = version
        self.base = base
        self.table = table
        self.names = names
        self._kinds = kinds

    def row(self, keyword: Keyword) -> Row:
        """The row of a keyword; what is claimed of the same object may differ by version."""
        return self.table[self.names.get(keyword[0], keyword[0])][keyword[1]]

    def pair(self, keyword: Keyword) -> tuple[Any, Any, str]:
        """The two documents, and where the keyword stands."""
        row = self.row(keyword)
        kind = self.names.get(keyword[0], keyword[0])
        at, given = self._kinds.get(kind, ("", {}))
        document = self.base
        for place, value in (row.given or given).items():
            document = put(document, place, value)
        at = at if row.at is None else row.at
        for word, value in row.beside.items():
            document = put(document, f"{at}/{word}", value)
        place = f"{at}/{keyword[1]}"
        with_it = document if row.value is OWN else put(document, place, row.value)
        if row.instead is not ABSENT:
            return with_it, put(document, place, row.instead), place
        return with_it, without(with_it, place), place


_KINDS3 = {**scene3.KINDS, "schema": (scene3.VALUE, {})}
_TABLE3 = {**rows3.TABLE, **rows_schema.TABLE_3_1}
VERSIONS = {
    "2.0": Version("2.0", rows2.base(), rows2.TABLE, rows2.KINDS, {}),
    "3.0": Version(
        "3.0", scene3.base("3.0"), {**rows3.TABLE, **rows_schema.TABLE_3_0}, _KINDS3, NAMES_3_0
    ),
    "3.1": Version("3.1", scene3.base("3.1"), _TABLE3, _KINDS3, {}),
    "3.2": Version("3.2", scene3.base("3.2"), _TABLE3, _KINDS3, {}),
}


def judged(stage: Stage, version: Version, keyword: Keyword) -> str:
    """What is wrong with the row of a keyword; empty if it is shown."""
    row = version.row(keyword)
    with_it, other, place = version.pair(keyword)
    steps = places(with_it, place)
    if (keyword, steps) not in set(grammar(version.version).uses(with_it)):
        return "the document does not hold the keyword"
    if not grammar(version.version).validator.is_valid(with_it):
        return "the document is not valid"
    traffic = (*TRAFFIC, *row.sends)
    mine, theirs = stage.play(with_it, traffic), stage.play(other, traffic)
    is_seen = (mine.faults, mine.seen) != (theirs.faults, theirs.seen)
    fresh = mine.told - theirs.told
    if row.kind == "enforced":
        if any(code == "description.unrepresentable" for code, *_ in fresh):
            return f"it is refused, not enforced: {sorted(fresh)}"
        return "" if is_seen else f"no traffic tells the two apart {sorted(mine.told)}"
    if row.kind == "annotation":
        if is_seen or mine.form != theirs.form:
            return "it changes the Policy"
        return f"it is told: {sorted(fresh)}" if fresh else ""
    line = line_of(with_it, row.told or place)
    listed = mine.told if row.told else fresh
    found = any((code, at) == (row.why, line) for code, at, _ in listed)
    return "" if found else f"line {line} is not told with {row.why}: {sorted(fresh)}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One stage for all."""
    return Stage(tmp_path_factory.mktemp("stage"))


EACH = pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda one: one.version)


@EACH
def test_no_keyword_of_the_meta_schema_is_passed_over_in_silence(
    version: Version, stage: Stage
) -> None:
    keywords = sorted(grammar(version.version).keywords())
    wrong = {one: judged(stage, version, one) for one in keywords}
    assert {one: why for one, why in wrong.items() if why} == {}


def test_every_row_is_of_a_keyword_and_every_annotation_has_its_reason() -> None:
    rows = {
        id(row): row
        for one in VERSIONS.values()
        for part in one.table.values()
        for row in part.values()
    }
    used = {
        id(version.row(keyword))
        for version in VERSIONS.values()
        for keyword in grammar(version.version).keywords()
    }
    assert set(rows) == used
    assert all(row.why for row in rows.values() if row.kind != "enforced")


class Deaf(Stage):
    """Compiles as a reader would that passes one keyword over."""

    pointer = ""

    def play(self, document: Any, traffic: tuple[Sent, ...]) -> Played:
        """The document without the keyword."""
        return super().play(without(document, self.pointer), traffic)


@pytest.mark.parametrize(
    ("version", "keyword"),
    [
        ("2.0", ("schema", "maxLength")),
        ("3.0", ("Parameter", "required")),
        ("3.1", ("", "webhooks")),
        ("3.2", ("path-item", "additionalOperations")),
        ("3.2", ("media-type", "itemEncoding")),
    ],
)
def test_a_reader_that_passes_a_keyword_over_is_found_out(
    version: str, keyword: Keyword, tmp_path: Path
) -> None:
    deaf = Deaf(tmp_path)
    *_, deaf.pointer = VERSIONS[version].pair(keyword)
    assert judged(deaf, VERSIONS[version], keyword)
