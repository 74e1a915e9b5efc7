"""Content codings. For those that Python cannot write, the plainest encoder the format allows."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable

_BLOCK = 128 << 10


def brotli(data: bytes) -> bytes:
    """One meta-block that is not compressed, and the empty last one (RFC 7932, section 9.2)."""
    return (len(data) - 1 << 4 | 1 << 20).to_bytes(3, "little") + data + b"\x03"


def zstd(data: bytes) -> bytes:
    """Raw blocks, and run-length blocks where all bytes are the same (RFC 8878, section 3.1.1)."""
    pieces = [data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)]
    blocks = []
    for number, piece in enumerate(pieces):
        is_run = len(piece) > 1 and piece == piece[:1] * len(piece)
        head = len(piece) << 3 | is_run << 1 | (number == len(pieces) - 1)
        blocks.append(head.to_bytes(3, "little") + (piece[:1] if is_run else piece))
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(blocks)


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli,
    "zstd": zstd,
}

_BOMB = b'{"name":"' + b"a" * 50_000_000 + b'"}'
BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(_BOMB),
    "deflate": lambda: zlib.compress(_BOMB),
    "br": lambda: base64.b64decode(
        "y///P/ilRXTC9pYkpxUCT7hh7/9k+P//B78EQBwWAeje//H//w9+CYA4LADQvf/j//8f/BIAcVgAoHv/x///P/gl"
        "AOKwAED3/i8V4fXwS4n0lSSHBQCH0PUI"
    ),
    "zstd": lambda: zstd(_BOMB),
}
"""50 MB of JSON, coded."""
