from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bartizan.gateway.coverage import WSGI, coverage
from bartizan.gateway.ownership import Lookups
from bartizan.gateway.owns import owns
from tests.unit.gateway.mounted import DOCUMENT, guard


def test_every_operation_is_protected_exempt_or_unresolved(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text("operations: { 'GET /live': { controls: { inspect: shadow } } }\n")
    broken = {"get": {"parameters": [{"$ref": "#/nowhere"}], "responses": {}}}
    paths = {**DOCUMENT["paths"], "/broken": broken}  # type: ignore[dict-item]
    document = {**DOCUMENT, "paths": paths}
    lines = list(coverage(guard(config=file, document=document)))
    assert lines[0] == (
        "6 operations: 4 protected, 1 exempt, 1 unresolved: GET /live (inspect), GET /broken"
    )
    assert any("description." in line for line in lines)


def test_shadow_protects_nothing_and_says_so() -> None:
    lines = list(coverage(guard(mode="shadow")))
    assert lines[0] == "5 operations: 5 watched (shadow: nothing is refused), 0 unresolved"


def test_the_gaps_of_a_mount_are_said() -> None:
    text = "\n".join(coverage(guard()))
    for word in ("framing", "each process", "WebSocket", "Events are not kept"):
        assert word in text
    text = "\n".join(coverage(guard(), WSGI))
    for word in ("sent twice", "RAW_URI", "trailers"):
        assert word in text


def test_limits_of_many_processes_are_said_to_be_shared() -> None:
    shared = replace(guard(), workers=4)
    assert any("4 processes" in line for line in coverage(shared))
    assert not any("below the number" in line for line in coverage(shared))
    assert any("below the number" in line for line in coverage(replace(shared, thin=1)))
    alone = replace(guard(), workers=1)
    assert not any("process" in line for line in coverage(alone))


def test_a_declared_owner_without_a_look_up_is_said_with_what_was_meant() -> None:
    owns("parcel", "number", or_scope="parcels:any")
    slip = replace(guard(), lookups=Lookups({"parcl": lambda _: "alice"}))
    (told,) = [line for line in coverage(slip) if 'owns("parcel")' in line]
    assert "test_coverage.py" in told
    assert "was `parcl` meant to be `parcel`?" in told
    right = replace(guard(), lookups=Lookups({"parcel": lambda _: "alice"}))
    assert not any('owns("parcel")' in line for line in coverage(right))
