"""The control link: frames between control process and gateway process. Bytes only, no socket.

Frame: length of what follows (u32, big endian), kind (u8), payload.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SOCKET = "gateway.sock"
FRAME_MAX_BYTES = 64 << 20

LOAD, STOP, STAND, CAPTURE, WATCH = 1, 2, 3, 4, 5
LOADED, REFUSED, EVENTS, LISTENING, KEYS, COUNTERS, STOOD, USED, CAPTURED = range(10, 19)
WATCHED, UNWATCHED = b"\x01", b"\x00"

_HEAD = Struct(">IB")
_COUNTS = Struct(">II")


class LinkFault(ValueError):
    """The other side does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The Policy is in force."""

    hash: str
    generation: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The load was refused; what was in force before stays in force."""

    error: str


@dataclass(frozen=True, slots=True)
class Events:
    """A batch of Events as JSON lines, the notable ones first; the others stay unparsed.

    Unless somebody watches, of the others only some are lines; `count` counts all.
    """

    count: int
    notable: tuple[bytes, ...]
    others: bytes


@dataclass(frozen=True, slots=True)
class Listening:
    """The addresses in use, `HOST:PORT`."""

    address: str
    admin: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What became of the key set of one issuer."""

    issuer: str
    state: str
    message: str


@dataclass(frozen=True, slots=True)
class Counters:
    """Counts over the life of the gateway process: emitted = delivered + dropped + in the ring."""

    emitted: int
    delivered: int
    dropped: int
    generation: int


@dataclass(frozen=True, slots=True)
class Stood:
    """Issued API keys and revocations are in force; or why not."""

    error: str


@dataclass(frozen=True, slots=True)
class Used:
    """When secrets of issued API keys were used: Unix seconds by digest.

    moved: digest under the newest pepper by the one that is kept, where that is under an older one.
    """

    at_s: dict[str, int]
    moved: dict[str, str]


@dataclass(frozen=True, slots=True)
class Captured:
    """One Exchange as a capture, with its secrets: to be redacted before anything else."""

    line: bytes = field(repr=False)


Message = Loaded | Refused | Events | Listening | Keys | Counters | Stood | Used | Captured


def encode(kind: int, payload: bytes = b"") -> bytes:
    """One frame."""
    return _HEAD.pack(len(payload) + 1, kind) + payload


class FrameReader:
    """Cuts a byte stream into frames. Holds at most one frame and one read."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that `data` completes, as (kind, payload).

        Raises LinkFault on an empty frame or one beyond FRAME_MAX_BYTES.
        """
        self._held += data
        frames = []
        while (end := self._end()) is not None:
            frames.append((self._held[4], bytes(self._held[5:end])))
            del self._held[:end]
        return frames

    def _end(self) -> int | None:
        if len(self._held) < _HEAD.size:
            return None
        length, _kind = _HEAD.unpack_from(self._held)
        if not 1 <= length <= FRAME_MAX_BYTES:
            raise LinkFault(f"a frame of {length} bytes on the control link")
        return 4 + length if len(self._held) >= 4 + length else None


def decode(kind: int, payload: bytes) -> Message | None:
    """The message in a frame; None for a kind of a later version. Raises LinkFault."""
    try:
        if kind == EVENTS:
            return _events(payload)
        if kind == CAPTURED:
            return Captured(payload)
        make = _MAKERS.get(kind)
        return make(json.loads(payload)) if make else None
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise LinkFault(f"a malformed frame of kind {kind} on the control link") from fault


def _events(payload: bytes) -> Events:
    if len(payload) < _COUNTS.size:
        raise LinkFault("an Event batch without its counts")
    count, notable = _COUNTS.unpack_from(payload)
    *lines, others = payload[_COUNTS.size :].split(b"\n", notable)
    if len(lines) < notable:
        # The last line of all may come without its line end.
        lines, others = [*lines, others], b""
    if len(lines) != notable or notable > count:
        raise LinkFault("an Event batch with other counts than lines")
    return Events(count, tuple(lines), others)


_MAKERS: dict[int, Callable[[dict[str, Any]], Message]] = {
    LOADED: lambda data: Loaded(str(data["hash"]), int(data["generation"])),
    REFUSED: lambda data: Refused(str(data["error"])),
    LISTENING: lambda data: Listening(str(data["address"]), str(data.get("admin") or "")),
    KEYS: lambda data: Keys(str(data["issuer"]), str(data["state"]), str(data.get("message", ""))),
    COUNTERS: lambda data: Counters(
        int(data["emitted"]),
        int(data["delivered"]),
        int(data["dropped"]),
        int(data.get("generation", 0)),
    ),
    STOOD: lambda data: Stood(str(data["error"])),
    USED: lambda data: Used(
        {str(digest): int(at_s) for digest, at_s in data["used"].items()},
        {str(old): str(new) for old, new in data["moved"].items()},
    ),
}
