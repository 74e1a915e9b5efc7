import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.gateway.link import (
    COUNTERS,
    EVENTS,
    FRAME_MAX_BYTES,
    KEYS,
    LISTENING,
    LOADED,
    REFUSED,
    Counters,
    Events,
    FrameReader,
    Keys,
    LinkFault,
    Listening,
    Loaded,
    Refused,
    decode,
    encode,
)

FRAMES = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=64)), max_size=8)


@given(FRAMES, st.integers(1, 40))
def test_frames_survive_any_cut(frames: list[tuple[int, bytes]], step: int) -> None:
    stream = b"".join(encode(kind, payload) for kind, payload in frames)
    reader = FrameReader()
    pieces = (stream[at : at + step] for at in range(0, len(stream), step))
    assert [frame for piece in pieces for frame in reader.feed(piece)] == frames


@pytest.mark.parametrize("length", [0, FRAME_MAX_BYTES + 1])
def test_a_frame_of_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(LinkFault):
        FrameReader().feed(struct.pack(">IB", length, 10))


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (LOADED, {"hash": "ab", "generation": 2}, Loaded("ab", 2)),
        (REFUSED, {"error": "no"}, Refused("no")),
        (LISTENING, {"address": "a:1", "admin": "a:2"}, Listening("a:1", "a:2")),
        (KEYS, {"issuer": "i", "state": "failed", "message": "m"}, Keys("i", "failed", "m")),
        (
            COUNTERS,
            {"emitted": 3, "delivered": 2, "dropped": 1, "generation": 1},
            Counters(3, 2, 1, 1),
        ),
    ],
)
def test_each_message_is_read(kind: int, data: dict[str, object], message: object) -> None:
    assert decode(kind, json.dumps(data).encode()) == message


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    assert decode(99, b"whatever") is None


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"3", b'{"hash": 1}', b"\xff"])
def test_a_malformed_message_is_refused(payload: bytes) -> None:
    with pytest.raises(LinkFault):
        decode(LOADED, payload)


def batch(count: int, notable: int, lines: bytes) -> bytes:
    return struct.pack(">II", count, notable) + lines


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (batch(0, 0, b""), Events(0, (), b"")),
        (batch(3, 2, b"a\nb\nc\n"), Events(3, (b"a", b"b"), b"c\n")),
        (batch(2, 2, b"a\nb\n"), Events(2, (b"a", b"b"), b"")),
        (batch(2, 2, b"a\nb"), Events(2, (b"a", b"b"), b"")),
        (batch(2, 0, b"a\nb\n"), Events(2, (), b"a\nb\n")),
    ],
)
def test_only_the_notable_lines_of_a_batch_are_cut(payload: bytes, message: Events) -> None:
    assert decode(EVENTS, payload) == message


@pytest.mark.parametrize("payload", [b"", b"1234567", batch(1, 2, b"a\nb\n"), batch(3, 3, b"a\n")])
def test_a_batch_whose_counts_lie_is_refused(payload: bytes) -> None:
    with pytest.raises(LinkFault):
        decode(EVENTS, payload)
