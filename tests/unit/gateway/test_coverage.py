from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from bartizan.gateway.coverage import coverage
from tests.unit.gateway.mounted import DOCUMENT, guard


def test_every_operation_is_protected_exempt_or_unresolved(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text("operations: { 'GET /live': { controls: { inspect: shadow } } }\n")
    broken = {"get": {"parameters": [{"$ref": "#/nowhere"}], "responses": {}}}
    paths = {**DOCUMENT["paths"], "/broken": broken}  # type: ignore[dict-item]
    document = {**DOCUMENT, "paths": paths}
    lines = list(coverage(guard(config=file, document=document), None))
    assert lines[0] == (
        "6 operations: 4 protected, 1 exempt, 1 unresolved: GET /live (inspect), GET /broken"
    )
    assert any("description." in line for line in lines)


def test_shadow_protects_nothing_and_says_so() -> None:
    lines = list(coverage(guard(mode="shadow"), None))
    assert lines[0] == "5 operations: 5 watched (shadow: nothing is refused), 0 unresolved"


def test_routes_that_the_document_does_not_name_are_listed() -> None:
    paths = ["/pets/{id:int}", "/docs", "/openapi.json"]
    app = SimpleNamespace(routes=[SimpleNamespace(path=one) for one in paths])
    lines = list(coverage(guard(), app))
    assert "2 routes of the app are not in its document: /docs, /openapi.json" in lines


def test_the_gaps_of_a_mount_are_said() -> None:
    text = "\n".join(coverage(guard(), None))
    for word in ("framing", "each process", "WebSocket", "Events are not kept"):
        assert word in text
