"""What differs between an API used straight and the same use through Bartizan."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.real.steps import Answer, Step

# Of one connection or one moment: each hop has its own. The length follows from the body.
HOP = frozenset(
    {"connection", "date", "keep-alive", "transfer-encoding", "content-length", "chroma-trace-id"}
)
# What enforce sets or takes away on every response, as the start says: nothing a client reads.
SHAPED = frozenset(
    {
        "cache-control",
        "content-security-policy",
        "referrer-policy",
        "server",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
    }
)
# Told to the API by a proxy, and told on by an API that echoes what it was sent.
_FORWARDING = re.compile(r"x-forwarded-.*|forwarded|via|x-bartizan-.*|connection", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_TIME = re.compile(r"\b1\d{18}\b|\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
# Python reads no brotli by itself: such a body is compared by its presence alone.
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": lambda data: b"brotli" if data else b"",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One step whose answers are not alike. `ref`: the reference id, if Bartizan answered."""

    step: Step
    straight: Answer
    guarded: Answer
    ref: str

    def __str__(self) -> str:
        here, there = (f"{one.status} {one.body[:120]!r}" for one in (self.straight, self.guarded))
        fields = sorted(set(names(self.straight)) ^ set(names(self.guarded)))
        return f"{self.step.name}: {here}, behind Bartizan {there}; fields of one only: {fields}"


def names(answer: Answer) -> list[str]:
    """The field names that must be alike, as often as they came."""
    return sorted(name for name, _ in answer.fields if name not in HOP | SHAPED)


def alike(straight: Answer, guarded: Answer, addresses: Sequence[str]) -> bool:
    """Whether both answers mean the same to a client."""
    return (
        straight.status == guarded.status
        and _values(straight, addresses) == _values(guarded, addresses)
        and _body(straight, addresses) == _body(guarded, addresses)
    )


def _values(answer: Answer, addresses: Sequence[str]) -> list[tuple[str, str]]:
    kept = ((name, value) for name, value in answer.fields if name not in HOP | SHAPED)
    # Methods and the like are sets: their order tells nothing and changes from run to run.
    return sorted((name, ",".join(sorted(_plain(v, addresses).split(", ")))) for name, v in kept)


def _body(answer: Answer, addresses: Sequence[str]) -> object:
    """The body as its reader understands it, without what changes from run to run."""
    decode = _CODINGS.get(answer.value("content-encoding") or "")
    data = decode(answer.body) if decode and answer.body else answer.body
    try:
        text = _plain(data.decode(), addresses)
    except UnicodeDecodeError:
        return data
    try:
        return [_settled(json.loads(line)) for line in text.splitlines()]
    except ValueError:
        pass
    try:
        return _settled(json.loads(text))
    except ValueError:
        return text


def _plain(text: str, addresses: Sequence[str]) -> str:
    for address in addresses:
        text = text.replace(address, "ADDRESS")
    return _TIME.sub("0", _UUID.sub("ID", text))


def _settled(value: object) -> object:
    """JSON without what a proxy tells an API, and lists of objects in one order."""
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in value.items() if not _FORWARDING.fullmatch(k)}
    if isinstance(value, list):
        inner = [_settled(one) for one in value]
        objects = all(isinstance(one, dict) for one in inner)
        return sorted(inner, key=lambda one: json.dumps(one, sort_keys=True)) if objects else inner
    return value


def differences(
    steps: Sequence[Step],
    straight: Sequence[Answer],
    guarded: Sequence[Answer],
    addresses: Sequence[str],
) -> list[Difference]:
    """The steps whose answers are not alike."""
    triples = zip(steps, straight, guarded, strict=True)
    return [
        Difference(step, here, there, reference(there))
        for step, here, there in triples
        if not alike(here, there, addresses)
    ]


def reference(answer: Answer) -> str:
    """The reference id of an answer of ours; empty where it is the API's."""
    if "problem+json" not in (answer.value("content-type") or "") or not answer.body:
        return ""
    return str(json.loads(answer.body).get("reference", ""))
