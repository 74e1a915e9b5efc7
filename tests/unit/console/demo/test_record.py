from __future__ import annotations

from pathlib import Path

from bartizan.console.demo.record import Record, sentence
from bartizan.console.demo.stage import Stage
from bartizan.model.event import Notable, Reason, parse_event
from bartizan.store.ports import Totals
from bartizan.store.sql import FILE, SqlNotables

REF = "0123456789abcdef"
LINE = (
    '{"id":"%s","time_ms":1,"policy":"p","verdict":"deny","enforcement":"enforced",'
    '"path":"%s","reasons":[{"code":"match.unknown-path","stage":"match"}]}'
)


def record(folder: Path, *pairs: tuple[str, str]) -> Record:
    (folder / ".bartizan").mkdir()
    table = SqlNotables(folder / ".bartizan" / FILE)
    lines = [(LINE % pair).encode() for pair in pairs]
    table.keep([Notable(parse_event(line), line) for line in lines], Totals())
    table.close()
    pauses: list[float] = []
    return Record(Stage(folder, "", "", "", ""), pauses.append)


def test_an_event_is_found_by_its_reference(tmp_path: Path) -> None:
    row = record(tmp_path, (REF, "/debug")).find(REF, "match.unknown-path", "/other")
    assert row is not None
    assert row.event.path == "/debug"


def test_without_reference_events_are_found_by_code_and_path_once(tmp_path: Path) -> None:
    book = record(tmp_path, (REF, "/debug"), (REF[::-1], "/v0"))
    row = book.find("", "match.unknown-path", "/debug")
    assert row is not None
    assert row.event.id == REF
    assert book.find("", "match.unknown-path", "/debug") is None


def test_what_never_arrives_is_not_found(tmp_path: Path) -> None:
    book = record(tmp_path)
    assert book.find(REF, "match.unknown-path", "/debug") is None
    book.close()


def test_a_decision_is_explained_as_the_command_does(tmp_path: Path) -> None:
    assert record(tmp_path, (REF, "/debug")).explains(REF) == ""


def test_a_reason_is_one_sentence_with_its_place() -> None:
    assert sentence(Reason("identify.expired")) == "the token has expired"
    assert sentence(Reason("wire.length-and-chunked")).startswith("both Content-Length")
    place = Reason("inspect.body-schema", pointer="/is_admin", expected="a declared member")
    assert sentence(place) == (
        "the body breaks its schema at /is_admin; expected is a declared member"
    )
    assert sentence(None) == "no reason is recorded"
