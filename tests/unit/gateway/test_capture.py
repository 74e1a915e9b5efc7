import asyncio
import json
from pathlib import Path

import pytest

from bartizan.gateway.capture import BYTES_MAX, SHUT, TIME_MAX_MS, Captures, Order, parse_order

NOW = 1_000


def order(**members: object) -> bytes:
    data = {
        "until_ms": NOW + 500,
        "count": 2,
        "total_max_bytes": 100,
        "body_max_bytes": 10,
        "operations": ["GET /a"],
        "mask": ["Name"],
    }
    return json.dumps({**data, **members}).encode()


def test_an_order_is_cut_to_what_is_allowed() -> None:
    one = parse_order(order(until_ms=10**15, total_max_bytes=10**15), NOW)
    assert (one.until_ms, one.total_max_bytes) == (NOW + TIME_MAX_MS, BYTES_MAX)
    assert one.mask == ("name",)


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"until_ms": null}'])
def test_a_bad_order_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_order(line, NOW)


def test_names_to_mask_stay_with_the_control_process() -> None:
    data = json.loads(Order(until_ms=5, mask=("x",)).payload())
    assert "mask" not in data
    assert data["until_ms"] == 5


class Client:
    """A stream writer that keeps what it is given."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


def served(line: bytes, *captures: bytes) -> tuple[Client, list[bytes]]:
    """A client with this order, and the captures that come while it is there."""
    sent: list[bytes] = []

    def redact(capture: bytes, mask: tuple[str, ...]) -> bytes:
        if capture == b"bad":
            raise ValueError
        return capture.upper() + ",".join(mask).encode()

    async def play() -> Client:
        window = Captures(Path("unused"), redact, lambda: NOW)
        window.send = sent.append
        client, reader = Client(), asyncio.StreamReader()
        reader.feed_data(line + b"\n")
        serving = asyncio.create_task(window._serve(reader, client))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        for capture in captures:
            window.take(capture)
        reader.feed_eof()
        await serving
        window.take(b"late")
        return client

    return asyncio.run(play()), sent


def test_captures_are_redacted_and_the_window_is_shut_at_its_count() -> None:
    client, sent = served(order(), b"one", b"bad", b"two", b"three")
    assert client.written == b"ONEname\nTWOname\n"
    assert json.loads(sent[0])["count"] == 2
    assert SHUT in sent
    assert client.is_closed


def test_a_client_that_leaves_shuts_the_window() -> None:
    client, sent = served(order(), b"one")
    assert client.written == b"ONEname\n"
    assert sent[-1] == SHUT


def test_a_client_with_a_bad_order_opens_nothing() -> None:
    client, sent = served(b"no")
    assert (client.written, sent, client.is_closed) == (b"", [], True)
