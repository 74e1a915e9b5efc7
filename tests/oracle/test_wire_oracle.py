"""Our HTTP/1.1 codec beside hyper and h11: whatever we accept, both read the same way; whatever
they accept and we refuse is named here with its reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TypedDict

import pytest

from tests.oracle import wire_h11
from tests.oracle.readings import answers
from tests.oracle.wire_streams import Stream, streams

SEED = 20261125
COUNT = 20_000

# (side, our code): why we refuse what hyper or h11 accepts. An entry that nothing needs fails too.
REFUSED = {
    ("request", "wire.bad-chunk"): "blanks, malformed or large extensions: chunk lines that "
    "readers end at different places (CVE-2025-43859)",
    ("request", "wire.bad-expectation"): "RFC 9110 10.1.1 gives 417; they leave it to the app",
    ("request", "wire.bad-field"): "h11 lets control characters other than NUL, CR, LF pass",
    ("request", "wire.bad-length"): "h11 joins equal lengths of a list into one",
    ("request", "wire.bad-request-line"): "empty lines before it, bytes not visible, no version",
    ("request", "wire.bad-trailer"): "fields after the body that frame or route (RFC 9110 6.5.1)",
    ("request", "wire.bad-transfer-encoding"): "hyper reads any list that ends in chunked",
    ("request", "wire.bad-version"): "h11 takes any digit, and we speak 1.0 and 1.1",
    ("request", "wire.bare-line-feed"): "a bare line feed is a line end for some, data for others",
    ("request", "wire.duplicate-host"): "hyper leaves the choice to the app: two readings",
    ("request", "wire.duplicate-length"): "equal lengths are merged; we take one only",
    ("request", "wire.length-and-chunked"): "the smuggling pair; RFC 9112 6.1 allows refusal",
    ("request", "wire.method-refused"): "CONNECT and TRACE are never forwarded",
    ("request", "wire.missing-host"): "hyper leaves it to the app; RFC 9112 3.2 asks for 400",
    ("request", "wire.obsolete-fold"): "h11 unfolds; RFC 9112 5.2 allows refusal",
    ("request", "wire.transfer-encoding-in-1.0"): "h11 reads chunks; RFC 9112 6.1 calls it faulty",
    ("request", "wire.upgrade-refused"): "no protocol upgrade is offered here",
    ("response", "wire.bad-chunk"): "as for requests",
    ("response", "wire.bad-field"): "as for requests",
    ("response", "wire.bad-length"): "merged lists, and a length with 1xx or 204",
    ("response", "wire.bad-status-line"): "control characters in the reason, other line forms",
    ("response", "wire.bad-trailer"): "as for requests",
    ("response", "wire.bad-transfer-encoding"): "hyper reads any list that ends in chunked",
    ("response", "wire.bad-version"): "h11 takes any digit, and we speak 1.0 and 1.1",
    ("response", "wire.bare-line-feed"): "as for requests",
    ("response", "wire.duplicate-length"): "equal lengths are merged; we take one only",
    ("response", "wire.length-and-chunked"): "as for requests",
    ("response", "wire.obsolete-fold"): "h11 unfolds; RFC 9112 5.2 allows refusal",
    ("response", "wire.too-many-interim"): "more than eight: a flood",
    ("response", "wire.transfer-encoding-in-1.0"): "they read chunks; RFC 9112 6.1",
    ("response", "wire.upgrade-refused"): "101 is no answer to us: we never ask for an upgrade",
}


class Message(NamedTuple):
    """One message, made comparable: hyper groups fields by name, so names are sorted."""

    start: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    body: str
    trailers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of a stream."""

    messages: tuple[Message, ...]
    fault: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Another reader goes on where ours stops, or stops or reads otherwise where ours goes on."""

    stream: Stream
    reader: str
    kind: str
    ours: Reading
    theirs: Reading


def _cut_fragment(difference: Difference) -> bool:
    return difference.reader == "hyper" and b"#" in difference.stream.data


def _empty_path(difference: Difference) -> bool:
    pairs = zip(difference.ours.messages, difference.theirs.messages, strict=False)
    mine, other = next(((mine, other) for mine, other in pairs if mine != other), (None, None))
    if difference.reader != "hyper" or mine is None or other is None or "://" not in other.start[1]:
        return False
    target = other.start[1].replace("/?", "?", 1).removesuffix("/")
    return other._replace(start=(other.start[0], target)) == mine


def _bad_target(difference: Difference) -> bool:
    return difference.reader == "hyper" and difference.theirs.fault == "invalid URI"


def _no_keep_alive_in_10(difference: Difference) -> bool:
    is_old = b"HTTP/1.0" in difference.stream.data and difference.theirs.fault is None
    return difference.reader == "h11" and difference.kind == "stops" and is_old


# What we accept and they read otherwise or refuse: settled, with the reason.
SETTLED: tuple[tuple[str, Callable[[Difference], bool]], ...] = (
    ("hyper cuts the fragment off; we keep it, and `parse.fragment` refuses it", _cut_fragment),
    ("hyper writes `/` for the empty path of an absolute target; `parse` does so too", _empty_path),
    ("hyper judges the form of the target; `parse` does that after our codec", _bad_target),
    ("h11 keeps no HTTP/1.0 connection open, though the client asked", _no_keep_alive_in_10),
)


class RawMessage(TypedDict):
    """A message as the readers give it."""

    start: list[str]
    fields: list[tuple[str, str]]
    body: str
    trailers: list[tuple[str, str]]


def _message(raw: RawMessage) -> Message:
    return Message(tuple(raw["start"]), _lines(raw["fields"]), raw["body"], _lines(raw["trailers"]))


def _lines(pairs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    values = [(name, _value(name, value)) for name, value in pairs]
    return tuple(sorted(values, key=lambda pair: pair[0]))


def _value(name: str, value: str) -> str:
    # h11 writes this one in lower case.
    return value.lower() if name == "transfer-encoding" else value


def _reading(raw: dict[str, object]) -> Reading:
    messages = raw["messages"]
    assert isinstance(messages, list)
    fault = raw["fault"]
    return Reading(tuple(map(_message, messages)), None if fault is None else str(fault))


def _line(stream: Stream) -> str:
    text = stream.data.decode("latin-1")
    parts = {"side": stream.side, "method": stream.method, "bytes": text, "cuts": stream.cuts}
    return json.dumps(parts) + "\n"


def _differences(stream: Stream, ours: Reading, others: dict[str, Reading]) -> Iterator[Difference]:
    for reader, theirs in others.items():
        for mine, other in zip(ours.messages, theirs.messages, strict=False):
            if mine != other:
                yield Difference(stream, reader, "differs", ours, theirs)
                break
        else:
            if len(ours.messages) != len(theirs.messages):
                goes_on = len(theirs.messages) > len(ours.messages)
                yield Difference(stream, reader, "goes on" if goes_on else "stops", ours, theirs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All streams, read three times."""

    accepted: Counter[str]
    differences: tuple[Difference, ...]


@pytest.fixture(scope="module")
def comparison(root: Path) -> Comparison:
    corpus = list(streams(SEED, COUNT))
    told = answers(root, "wire_readings", map(_line, corpus))
    accepted: Counter[str] = Counter()
    differences: list[Difference] = []
    for stream, raw in zip(corpus, told, strict=True):
        ours = _reading(raw["ours"])
        accepted[stream.side] += len(ours.messages)
        h11 = _reading(asdict(wire_h11.read(stream)))
        differences += _differences(stream, ours, {"hyper": _reading(raw["hyper"]), "h11": h11})
    return Comparison(accepted, tuple(differences))


def test_the_corpus_holds_good_traffic_on_both_sides(comparison: Comparison) -> None:
    print(f"accepted messages in {COUNT} streams: {dict(comparison.accepted)}")
    assert min(comparison.accepted[side] for side in ("request", "response")) > COUNT // 10


def test_what_we_accept_both_read_the_same_way(comparison: Comparison) -> None:
    settled: Counter[str] = Counter()
    unsettled = []
    for difference in comparison.differences:
        if difference.kind == "goes on" and difference.ours.fault is not None:
            continue
        reason = next((why for why, is_it in SETTLED if is_it(difference)), None)
        if reason is None:
            unsettled.append(difference)
        else:
            settled[reason] += 1
    for reason, count in sorted(settled.items()):
        print(f"{count:6} {reason}")
    assert not unsettled, unsettled[:3]
    assert set(settled) == {reason for reason, _ in SETTLED}


def test_each_refusal_that_they_accept_is_on_the_list(comparison: Comparison) -> None:
    refused = Counter(
        (difference.stream.side, difference.ours.fault, difference.reader)
        for difference in comparison.differences
        if difference.kind == "goes on" and difference.ours.fault is not None
    )
    for (side, code, reader), count in sorted(refused.items(), key=str):
        print(f"{count:6} {side:8} {code} that {reader} accepts")
    assert {(side, code) for side, code, _ in refused} == set(REFUSED)
