import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bartizan.gateway.link import Events
from bartizan.gateway.tail import BACKLOG_MAX_BYTES, Filter, Tail, is_status, lines, parse_filter

ALICE = json.dumps(
    {
        "id": "a",
        "operation": "GET /x",
        "verdict": "deny",
        "status": 404,
        "principal": {"kind": "token", "subject": "alice"},
    }
).encode()
BOB = json.dumps({"id": "b", "operation": "GET /y", "verdict": "allow", "status": 200}).encode()
BATCH = Events(2, (ALICE,), BOB + b"\n")


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Filter(), (True, True)),
        (Filter(operation="GET /x"), (True, False)),
        (Filter(verdict="allow"), (False, True)),
        (Filter(principal="alice"), (True, False)),
        (Filter(status="404"), (True, False)),
        (Filter(status="4xx"), (True, False)),
        (Filter(status="2XX"), (False, True)),
        (Filter(status="4"), (False, False)),
        (Filter(verdict="deny", status="200"), (False, False)),
    ],
)
def test_a_filter_takes_what_fits_all_its_members(wanted: Filter, fits: tuple[bool, bool]) -> None:
    assert (wanted.fits(ALICE), wanted.fits(BOB)) == fits


def test_a_filter_does_not_fit_what_is_no_event() -> None:
    assert not Filter(verdict="deny").fits(b"{")


def test_a_batch_gives_its_wanted_lines() -> None:
    assert lines(BATCH, Filter()) == ALICE + b"\n" + BOB + b"\n"
    assert lines(BATCH, Filter(status="2xx")) == BOB + b"\n"


@pytest.mark.parametrize(
    ("text", "fits"),
    [("404", True), ("4xx", True), ("40X", True), ("4", False), ("999", False), ("ok", False)],
)
def test_a_status_is_three_digits_or_a_class_of_them(text: str, fits: bool) -> None:
    assert is_status(text) is fits


def test_a_filter_line_may_hold_members_of_a_later_version() -> None:
    assert parse_filter(b'{"verdict": "deny", "later": 1}') == (Filter(verdict="deny"), 0)
    assert parse_filter(b'{"last": 3}') == (Filter(), 3)
    with pytest.raises(ValueError, match="JSON object"):
        parse_filter(b"[]")


def test_what_is_remembered_for_new_clients_is_bounded() -> None:
    tail = Tail(Path("unused"))
    batch = Events(1, (), b"x" * (BACKLOG_MAX_BYTES // 4))
    for _ in range(10):
        tail.hand_on(batch)
    assert tail._recent_bytes <= BACKLOG_MAX_BYTES
    assert len(tail._recent) == 4


class Sink:
    """A writer that keeps what it is given."""

    def __init__(self, waiting: int = 0) -> None:
        self.data = b""
        self.transport = SimpleNamespace(get_write_buffer_size=lambda: waiting)

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("asked", "before"),
    [({}, 0), ({"last": 0}, 0), ({"last": -1}, 0), ({"last": 2}, 2), ({"last": 99}, 3)],
)
def test_a_client_gets_what_comes_and_of_before_what_it_asked_for(
    asked: dict[str, int], before: int
) -> None:
    async def play() -> bytes:
        tail, sink, reader = Tail(Path("unused")), Sink(), asyncio.StreamReader()
        for _ in range(3):
            tail.hand_on(BATCH)
        reader.feed_data(json.dumps({"verdict": "deny", **asked}).encode() + b"\n")
        serving = asyncio.create_task(tail._serve(reader, sink))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        tail.hand_on(BATCH)
        reader.feed_eof()
        await serving
        tail.hand_on(BATCH)
        return sink.data

    assert asyncio.run(play()) == (before + 1) * (ALICE + b"\n")


def test_the_newest_of_before_are_the_last_ones_in_order() -> None:
    tail = Tail(Path("unused"))
    tail.hand_on(Events(2, (), b'{"id":"1"}\n{"id":"2"}\n'))
    tail.hand_on(Events(1, (), b'{"id":"3"}\n'))
    assert tail._newest(Filter(), 2) == b'{"id":"2"}\n{"id":"3"}\n'


def test_it_is_told_when_the_first_client_comes_and_the_last_one_leaves() -> None:
    async def play() -> list[bool]:
        tail, told = Tail(Path("unused")), list[bool]()
        tail.tell_watched(told.append)
        readers = [asyncio.StreamReader(), asyncio.StreamReader()]
        for reader in readers:
            reader.feed_data(b"{}\n")
        serving = [
            asyncio.create_task(tail._serve(reader, Sink()))  # type: ignore[arg-type]
            for reader in readers
        ]
        await asyncio.sleep(0)
        assert told == [True]
        readers[0].feed_eof()
        await serving[0]
        assert told == [True]
        readers[1].feed_eof()
        await serving[1]
        return told

    assert asyncio.run(play()) == [True, False]


def test_the_end_of_the_process_lets_a_client_go_without_a_stack_trace() -> None:
    async def play() -> bool:
        tail, sink, reader = Tail(Path("unused")), Sink(), asyncio.StreamReader()
        reader.feed_data(b"{}\n")
        serving = asyncio.create_task(tail._serve(reader, sink))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        serving.cancel()
        await serving
        return serving.cancelled()

    assert asyncio.run(play()) is False


def test_a_client_that_does_not_read_loses_lines_and_holds_nobody() -> None:
    tail, sink = Tail(Path("unused")), Sink(waiting=100 << 20)
    tail._clients[sink] = Filter()  # type: ignore[index]
    tail.hand_on(BATCH)
    assert sink.data == b""
