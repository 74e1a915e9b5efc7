from __future__ import annotations

import json
from pathlib import Path

import pytest

from bartizan.gateway.guard import Choice, compile_guard, generated, now
from bartizan.model.errors import Fault
from bartizan.model.event import parse_event
from bartizan.store.ports import Query
from bartizan.store.sql import FILE, SqlNotables
from tests.unit.gateway.mounted import DOCUMENT, guard


def quiet(_line: str) -> None:
    """Says nothing."""


class Told:
    """An app that says its own document."""

    def openapi(self) -> dict[str, object]:
        return DOCUMENT


class Wrapped:
    """Middleware around it."""

    def __init__(self, app: object) -> None:
        self.app = app


def test_the_document_of_the_app_is_found_behind_its_middleware() -> None:
    assert generated(Wrapped(Wrapped(Told()))) == DOCUMENT
    assert generated(Wrapped(object())) is None


def test_an_app_without_document_does_not_start() -> None:
    with pytest.raises(Fault, match=r"mount\.no-document"):
        compile_guard(Choice(), object(), {}, quiet)


def test_a_written_document_stands_above_that_of_the_app(tmp_path: Path) -> None:
    paths = {"/only": {"get": {"responses": {"200": {"description": "ok"}}}}}
    (tmp_path / "own.json").write_text(json.dumps({**DOCUMENT, "paths": paths}))
    (tmp_path / "bartizan.yaml").write_text("openapi: own.json\n")
    written = compile_guard(Choice(tmp_path / "bartizan.yaml"), Told(), {}, quiet)
    assert written.policy.operations == ["GET /only"]
    given = compile_guard(Choice(tmp_path / "bartizan.yaml", DOCUMENT), Told(), {}, quiet)
    assert len(given.policy.operations) == 5


def test_a_document_that_cannot_be_read_is_a_fault() -> None:
    with pytest.raises(Fault, match=r"document\.unreachable"):
        compile_guard(Choice(None, "ftp://127.0.0.1/openapi.json"), None, {}, quiet)


def test_variables_of_the_environment_count() -> None:
    with pytest.raises(Fault, match="BARTIZAN_MODE"):
        compile_guard(Choice(None, DOCUMENT), None, {"BARTIZAN_MODE": "maybe"}, quiet)


def test_a_peer_without_address_has_the_unspecified_one() -> None:
    one = guard()
    for peer in ("", "testclient"):
        line, _ = one.open(peer).close("client-left", now())
        assert parse_event(line).peer == "0.0.0.0"


def test_every_exchange_has_an_id_of_its_own() -> None:
    one = guard()
    ids = {parse_event(one.open("192.0.2.1").close("complete", now())[0]).id for _ in range(50)}
    assert len(ids) == 50


def test_notable_events_are_kept_with_the_line_that_asked_for_them(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text("mode: enforce\nstate: kept\n")
    one = guard(mode="enforce", config=file)
    exchange = one.open("192.0.2.1")
    exchange.head(b"GET", b"/pets/seven", [(b"host", b"a")], 0, now())
    one.close(exchange, "complete")
    one.stop()
    store = SqlNotables(tmp_path / "kept" / FILE)
    (row,) = store.search(Query())
    assert row.event.operation == "GET /pets/{id}"
    assert row.settings[0] is not None
    assert row.settings[0].file == "app.openapi()"
    store.close()


def test_without_a_state_directory_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert guard().drain is None
    assert list(tmp_path.iterdir()) == []
