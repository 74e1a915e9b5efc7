"""Documents made from each version's meta-schema: no operation of theirs is dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.load import require_loadable
from bartizan.policy.sources import read
from tests.documents.court import CONFIG
from tests.documents.grammar import grammar
from tests.documents.keywords import Maker
from tests.documents.packages import META_SCHEMAS
from tests.documents.spec import METHODS

DOCUMENTS = 25
SEED = "keywords 1"


class Outcome:
    """What becomes of one document."""

    def __init__(self, document: Any, folder: Path) -> None:
        file = folder / "openapi.json"
        raw = json.dumps(document).encode()
        config = folder / "bartizan.yaml"
        config.write_text(CONFIG, encoding="utf-8")
        self.faults: list[str] = []
        self.form = b""
        self.pointers: set[str] = set()
        self.reports: list[str] = []
        try:
            description = read(str(file), lambda _: raw)
            compiled = compile_policy(load(config, overrides=Overrides(), environ={}), description)
            compiled = require_loadable(compiled)
        except Fault as fault:
            self.faults = [f"{one.code}: {one.message}" for one in fault.diagnostics]
            return
        self.form = compiled.form
        self.pointers = {one.pointer for one in compiled.operations}
        self.reports = [f"{one.code}: {one.message}" for one in compiled.warnings]


def declared(document: Any) -> Iterator[str]:
    """Pointers of the operations that a document writes itself."""
    for path, item in document.get("paths", {}).items():
        if path.startswith("x-") or not isinstance(item, dict):
            continue
        at = f"/paths/{path.replace('~', '~0').replace('/', '~1')}"
        for method in (*METHODS, "query"):
            if method in item:
                yield f"{at}/{method}"
        for method in item.get("additionalOperations", {}):
            yield f"{at}/additionalOperations/{method}"


@pytest.mark.parametrize("version", META_SCHEMAS)
def test_made_documents_use_every_keyword_and_are_compiled_whole(
    version: str, tmp_path: Path
) -> None:
    maker = Maker(grammar(version))
    keywords = grammar(version).keywords()
    documents = [maker.document(f"{SEED} {number}") for number in range(DOCUMENTS)]
    documents += [maker.with_keyword(one) for one in sorted(keywords) if one not in maker.met]
    assert maker.met == keywords
    for document in documents:
        outcome = Outcome(document, tmp_path)
        assert outcome.faults == []
        pointers = set(declared(document))
        assert pointers <= outcome.pointers


@pytest.mark.slow
@pytest.mark.parametrize("version", META_SCHEMAS)
def test_each_keyword_by_itself_drops_no_operation(version: str, tmp_path: Path) -> None:
    maker = Maker(grammar(version))
    for keyword in sorted(grammar(version).keywords()):
        document = maker.with_keyword(keyword)
        outcome = Outcome(document, tmp_path)
        assert outcome.faults == []
        assert set(declared(document)) <= outcome.pointers
