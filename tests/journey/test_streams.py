"""Responses that never end: events and lines pass as they come, shaped where a schema says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.journey.api import PATIENCE_S, Call, Peer
from tests.journey.client import Client, request
from tests.journey.conftest import GuardMaker
from tests.journey.files import FileApi, chunk, stream
from tests.journey.guard import Guard

EVENTS = "text/event-stream"


@pytest.fixture(scope="module")
def files() -> Iterator[FileApi]:
    api = FileApi()
    yield api
    api.close()


@pytest.fixture(scope="module")
def guard(up: GuardMaker, files: FileApi) -> Guard:
    return up(files)


class Source:
    """An endless response: the test says what comes when."""

    def __init__(self, files: FileApi, path: str, kind: str) -> None:
        self.kind = kind
        self.peer: Peer | None = None
        self.is_open, self.is_over = threading.Event(), threading.Event()
        files.plays[path] = self._play

    def _play(self, peer: Peer, _call: Call) -> bool:
        self.peer = peer
        peer.send(stream(self.kind))
        self.is_open.set()
        self.is_over.wait(PATIENCE_S)
        return False

    def say(self, text: bytes) -> None:
        assert self.is_open.wait(PATIENCE_S)
        assert self.peer is not None
        self.peer.send(chunk(text))

    def end(self) -> None:
        assert self.peer is not None
        self.peer.send(chunk(b""))
        self.is_over.set()


def listen(client: Client, path: str) -> None:
    client.send(request("GET", path))
    about = client.response("HEAD")  # The head alone.
    assert (about.status, about.field("transfer-encoding")) == (200, "chunked")


def heard(client: Client) -> bytes:
    """The next chunk."""
    size = int(client._through(b"\r\n"), 16)
    return client._take(size + 2)[:-2]


def test_events_without_a_schema_pass_one_by_one(guard: Guard, files: FileApi) -> None:
    source = Source(files, "/news", EVENTS)
    with guard.client() as client:
        listen(client, "/news")
        for number in range(3):
            event = b'data: {"n":%d}\n\n' % number
            source.say(event)
            assert heard(client) == event, "before the next one is sent"
        source.end()
        assert heard(client) == b""


def test_each_event_is_shaped_as_it_passes(guard: Guard, files: FileApi) -> None:
    source = Source(files, "/events", EVENTS)
    with guard.client() as client:
        listen(client, "/events")
        source.say(b'id: 1\nevent: add\ndata: {"name":"pen","hash":"x"}\n\n')
        assert heard(client) == b'event: add\nid: 1\ndata: {"name":"pen"}\n\n'
        source.say(b": alive\n\n")
        assert heard(client) == b": alive\n\n"
        source.say(b'data: {"name":')
        source.say(b'"ink"}\n\n')
        assert heard(client) == b'data: {"name":"ink"}\n\n'
        source.say(b"data: Traceback\n\ndata: {}\n\n")
        assert heard(client) == b"data: {}\n\n", "what cannot be read is left out"
        source.end()
        assert heard(client) == b""
    assert files.seen[-1].values("accept-encoding") == []


def test_each_line_is_shaped_as_it_passes(guard: Guard, files: FileApi) -> None:
    source = Source(files, "/lines", "application/x-ndjson")
    with guard.client() as client:
        listen(client, "/lines")
        source.say(b'{"name":"pen","hash":"x"}\n{"na')
        assert heard(client) == b'{"name":"pen"}\n'
        source.say(b'me":"ink"}')
        source.end()
        assert heard(client) == b'{"name":"ink"}'


def test_a_listener_that_leaves_ends_the_stream_of_the_api(guard: Guard, files: FileApi) -> None:
    source = Source(files, "/news", EVENTS)
    with guard.client() as client:
        listen(client, "/news")
    assert source.peer is not None
    source.peer.stream.settimeout(PATIENCE_S)
    assert source.peer.stream.recv(1) == b"", "the gateway closed"
    source.is_over.set()


def test_an_event_without_end_closes_the_stream(guard: Guard, files: FileApi) -> None:
    source = Source(files, "/events", EVENTS)
    with guard.client() as client:
        listen(client, "/events")
        source.say(b"data: " + b"x" * 70_000)
        assert b"0\r\n\r\n" not in client.rest(), "visibly broken off"
    source.is_over.set()
