from __future__ import annotations

import io

import pytest

from bartizan.gateway.wsgi_body import CutShort, Incoming, Outgoing, input_of


def test_no_more_is_read_than_the_length() -> None:
    source = io.BytesIO(b"bodynext request")
    incoming = Incoming(source, 4)
    assert [incoming.read(), incoming.read()] == [b"body", b""]
    assert source.read() == b"next request"


def test_an_end_before_the_length_is_told() -> None:
    incoming = Incoming(io.BytesIO(b"bo"), 4)
    assert incoming.read() == b"bo"
    with pytest.raises(CutShort):
        incoming.read()


def test_without_a_length_the_server_ends_it() -> None:
    incoming = Incoming(io.BytesIO(b"all"), None)
    assert [incoming.read(), incoming.read()] == [b"all", b""]


def outgoing(cap: int, rest: bytes = b"rest\nof it") -> Outgoing:
    return Outgoing(b"first ", Incoming(io.BytesIO(rest), len(rest)), lambda size: size <= cap)


def test_the_app_reads_it_by_size_by_line_and_whole() -> None:
    assert input_of(None, outgoing(100)).read() == b"first rest\nof it"
    given = input_of(None, outgoing(100))
    assert [given.read(3), given.readline(), given.readlines()] == [
        b"fir", b"st rest\n", [b"of it"]
    ]  # fmt: skip
    assert input_of(b"whole", None).read() == b"whole"
    assert input_of(None, None).read() == b""


def test_a_piece_over_the_cap_is_an_error_each_time() -> None:
    body = outgoing(3)
    given = input_of(None, body)
    for _ in range(2):
        with pytest.raises(CutShort):
            given.read()
    assert body.is_over
