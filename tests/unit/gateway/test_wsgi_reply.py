from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from bartizan.gateway.guard import Choice
from bartizan.gateway.wsgi import WsgiMount
from tests.unit.gateway.mounted import DOCUMENT, SEEN
from tests.unit.gateway.mounted_wsgi import Api, Client, call, environ, mount


def test_a_response_without_schema_goes_piece_by_piece() -> None:
    client = call(
        mount(Api("200 OK", b"one", b"", b"two", media="text/plain")), environ(path="/files")
    )
    assert client.pieces == [b"one", b"two"]
    assert client.starts == 1


def test_what_is_written_goes_out_at_once_and_in_order() -> None:
    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        write = start("200 OK", [("Content-Type", "text/plain")])
        write(b"one")
        return [b"two"]

    assert call(mount(app), environ(path="/files")).pieces == [b"one", b"two"]


def test_a_head_may_be_replaced_until_it_went_out() -> None:
    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        try:
            raise ValueError  # noqa: TRY301, as apps do
        except ValueError as fault:
            start("503 Busy", [], (ValueError, fault, fault.__traceback__))
        return [b"later"]

    client = call(mount(app), environ(path="/files"))
    assert (client.status, client.starts) == (503, 1)


def test_a_second_start_without_a_reason_is_the_apps_fault() -> None:
    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        start("200 OK", [])
        return [b""]

    assert call(mount(app), environ()).status == 502


def test_a_replacement_that_comes_too_late_cuts_the_response() -> None:
    def pieces(start: Callable[..., Any]) -> Iterator[bytes]:
        yield b"one"
        try:
            raise ValueError("late")  # noqa: TRY301, as apps do
        except ValueError as fault:
            start("500 Late", [], (ValueError, fault, fault.__traceback__))

    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return pieces(start)

    with pytest.raises(ValueError, match="late"):
        call(mount(app), environ(path="/files"))


def test_an_app_that_never_starts_is_answered_for() -> None:
    assert call(mount(lambda _seen, _start: []), environ()).status == 502


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_response_that_has_no_body_passes(status: str) -> None:
    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, [])
        return []

    client = call(mount(app), environ(path="/files"))
    assert (client.status, client.body) == (int(status[:3]), b"")


def test_head_keeps_the_length_that_get_would_have() -> None:
    def app(_seen: object, start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "14")])
        return []

    client = call(mount(app), environ("HEAD"))
    assert (client.status, client.body, client.fields["content-length"]) == (200, b"", "14")


def streaming(*chunks: bytes) -> WsgiMount:
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": SEEN}
    item = {"itemSchema": {"type": "object", "properties": {"data": data}}}
    ok = {"200": {"description": "ok", "content": {"text/event-stream": item}}}
    paths = {"/events": {"get": {"responses": ok}}}
    document = {**DOCUMENT, "openapi": "3.2.0", "paths": paths}
    api = Api("200 OK", *chunks, media="text/event-stream")
    return WsgiMount(api, Choice(None, document, "enforce"))


def test_events_are_shaped_one_by_one_as_they_come() -> None:
    app = streaming(b'data: {"name":"Rex","secret":1}\n', b"\n", b'data: {"name":"Ada"}\n\n')
    client = call(app, environ(path="/events"))
    assert client.pieces == [b'data: {"name":"Rex"}\n\n', b'data: {"name":"Ada"}\n\n']


def test_an_event_beyond_its_bound_cuts_the_response() -> None:
    client = Client()
    answer: Any = streaming(b"data: {}\n\n", b"x" * 70_000)(environ(path="/events"), client.start)
    with pytest.raises(OSError, match="cannot go on"):
        client.pieces.extend(answer)
    answer.close()
    assert client.pieces == [b"data: {}\n\n"]
