"""Our readers of forms and multipart beside those of Python: whatever we accept, they read the same
way; whatever they accept and we refuse is named here with its reason."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import parse_qsl

import multipart
import pytest
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from tests.oracle.body_streams import BOUNDARY, Body, bodies
from tests.oracle.readings import answers

SEED = 20261125
COUNT = 20_000

Entry = tuple[str, str | None, str]
"""Name, file name, content; bytes as text of code points 0 to 255."""

# (kind, our code): why we refuse what another reader accepts. An entry that nothing needs fails.
REFUSED = {
    ("form", "parse.bad-form"): "control characters; urllib takes them as they are",
    ("form", "parse.bad-percent"): "a `%` without two hex digits; urllib keeps it as text",
    ("form", "parse.encoded-nul"): "NUL ends text for whatever is written in C behind us",
    ("multipart", "parse.bad-multipart"): "preambles, bare line ends, folded or repeated fields, "
    "extended names, transfer encodings, an end that is missing: RFC 7578 has none of them",
    ("multipart", "parse.unsupported-charset"): "a part in UTF-7 hides what it says",
    ("parts", "parse.bad-multipart"): "as with forms; `email` reads whatever mail may hold",
    ("parts", "parse.unsupported-charset"): "a part in UTF-7 hides what it says",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of a body; None: refused."""

    entries: tuple[Entry, ...] | None
    fault: str | None = None


def _latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _urllib(body: Body) -> Reading:
    try:
        pairs = parse_qsl(body.data.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        return Reading(None, str(error))
    return Reading(tuple((_latin(name), None, _latin(value)) for name, value in pairs))


def _multipart(body: Body) -> Reading:
    stream = io.BytesIO(body.data)
    try:
        parser = multipart.MultipartParser(stream, BOUNDARY, len(body.data), strict=True)
        entries = [
            (_latin(part.name), _maybe(part.filename), part.raw.decode("latin-1"))
            for part in parser
        ]
    except (multipart.MultipartError, ValueError) as error:
        return Reading(None, str(error))
    return Reading(tuple(entries))


def _maybe(name: str | None) -> str | None:
    return None if name is None else _latin(name)


def _werkzeug(body: Body) -> Reading:
    decoder = MultipartDecoder(BOUNDARY.encode())
    entries: list[Entry] = []
    try:
        decoder.receive_data(body.data)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, File):
                entries.append((_latin(event.name or ""), _latin(event.filename or ""), ""))
            elif isinstance(event, Field):
                entries.append((_latin(event.name or ""), None, ""))
            elif isinstance(event, Data):
                name, file, content = entries[-1]
                entries[-1] = (name, file, content + event.data.decode("latin-1"))
    except ValueError as error:
        return Reading(None, str(error))
    return Reading(tuple(entries))


def _email(body: Body) -> Reading:
    head = f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"\r\n\r\n'.encode()
    message = message_from_bytes(head + body.data, policy=policy.HTTP)
    contents = [part.get_payload(decode=True) for part in message.iter_parts()]
    read = [one.decode("latin-1") for one in contents if isinstance(one, bytes)]
    if len(read) < len(contents):
        return Reading(None, "a part of parts")
    return Reading(tuple(("", None, one) for one in read))


READERS: dict[str, tuple[str, Callable[[Body], Reading]]] = {
    "urllib": ("form", _urllib),
    "multipart": ("multipart", _multipart),
    "werkzeug": ("multipart", _werkzeug),
    "email": ("parts", _email),
}


def _kind(body: Body) -> str:
    if body.boundary is None:
        return "form"
    return "multipart" if body.is_named else "parts"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two readings of one body that are not the same."""

    body: Body
    reader: str
    ours: Reading
    theirs: Reading


def _odd_field(difference: Difference) -> bool:
    is_it = difference.reader == "multipart"
    return is_it and difference.theirs.fault == "Invalid segment header name"


# What we accept and they read otherwise or refuse: settled, with the reason.
SETTLED: tuple[tuple[str, Callable[[Difference], bool]], ...] = (
    ("multipart takes letters, digits and `-` in field names; any token names one", _odd_field),
)


def _line(body: Body) -> str:
    told = {"boundary": body.boundary, "is_named": body.is_named}
    return json.dumps({**told, "bytes": body.data.decode("latin-1")}) + "\n"


@pytest.fixture(scope="module")
def readings(root: Path) -> list[tuple[Body, Reading]]:
    corpus = list(bodies(SEED, COUNT))
    told = answers(root, "body_readings", map(_line, corpus))
    read = []
    for body, raw in zip(corpus, told, strict=True):
        entries = tuple((name, file, content) for name, file, content in raw["entries"])
        ours = Reading(None, raw["fault"]) if raw["fault"] else Reading(entries)
        read.append((body, ours))
    return read


@pytest.fixture(scope="module")
def differences(readings: list[tuple[Body, Reading]]) -> list[Difference]:
    return [
        Difference(body, name, ours, theirs)
        for body, ours in readings
        for name, (kind, reader) in READERS.items()
        if kind == _kind(body) and ours.entries != (theirs := reader(body)).entries
    ]


def test_the_corpus_holds_good_bodies_of_both_kinds(
    readings: list[tuple[Body, Reading]],
) -> None:
    accepted = Counter(_kind(body) for body, ours in readings if ours.entries is not None)
    print(f"accepted of {COUNT}: {dict(accepted)}")
    assert min(accepted.values()) > COUNT // 8


def test_what_we_accept_they_read_the_same_way(differences: list[Difference]) -> None:
    settled: Counter[str] = Counter()
    unsettled = []
    for difference in differences:
        if difference.ours.entries is None:
            continue
        reason = next((why for why, is_it in SETTLED if is_it(difference)), None)
        if reason is None:
            unsettled.append(difference)
        else:
            settled[reason] += 1
    for reason, count in sorted(settled.items()):
        print(f"{count:6} {reason}")
    assert not unsettled, (len(unsettled), unsettled[:3])
    assert set(settled) == {reason for reason, _ in SETTLED}


def test_each_refusal_that_they_accept_is_on_the_list(differences: list[Difference]) -> None:
    refused = Counter(
        (_kind(difference.body), difference.ours.fault, difference.reader)
        for difference in differences
        if difference.ours.entries is None
    )
    for (kind, code, reader), count in sorted(refused.items(), key=str):
        print(f"{count:6} {kind:9} {code} that {reader} accepts")
    assert {(kind, code) for kind, code, _ in refused} == set(REFUSED)
