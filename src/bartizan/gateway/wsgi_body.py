"""The body of a WSGI Request: read for the Exchange, then given to the app."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

PIECE = 65_536


class CutShort(OSError):
    """The client has ended its body before its length, or sent more than its cap."""


class Incoming:
    """`wsgi.input`, read once. left: bytes to come, None where the server ends them itself."""

    __slots__ = ("_input", "left")

    def __init__(self, source: Any, length: int | None) -> None:
        self._input = source
        self.left = length

    def read(self, most: int = PIECE) -> bytes:
        """The next piece, empty at the end. Raises CutShort, OSError."""
        if self.left == 0:
            return b""
        wanted = most if self.left is None else min(most, self.left)
        data: bytes = self._input.read(wanted)
        if self.left is None:
            return data
        if not data:
            raise CutShort("the body ends before its length")
        self.left -= len(data)
        return data


class Outgoing(io.RawIOBase):
    """What streams on to the app: `first`, then the rest as it comes, each piece counted.

    count: tells whether a piece is within its cap. is_over: one was not, and the app got an error.
    """

    def __init__(self, first: bytes, rest: Incoming, count: Callable[[int], bool]) -> None:
        super().__init__()
        self._first = first
        self._rest = rest
        self._count = count
        self.is_over = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fills `buffer` as far as there is something."""
        room = memoryview(buffer).cast("B")
        if not self._first:
            self._first = self._next(len(room))
        size = min(len(room), len(self._first))
        room[:size] = self._first[:size]
        self._first = self._first[size:]
        return size

    def _next(self, most: int) -> bytes:
        if self.is_over:
            raise CutShort("the body is over its cap")
        data = self._rest.read(most)
        if data and not self._count(len(data)):
            self.is_over = True
            raise CutShort("the body is over its cap")
        return data


def input_of(first: bytes | None, rest: Outgoing | None) -> io.BufferedIOBase:
    """`wsgi.input` for the app."""
    return io.BytesIO(first or b"") if rest is None else io.BufferedReader(rest, PIECE)
