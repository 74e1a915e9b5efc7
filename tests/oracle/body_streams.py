"""Seeded bodies: forms and multipart as clients write them, and mutations of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

BOUNDARY = "XX"
NAMES = ["a", "b[]", "user.name", "é", "q r", "", "x" * 40, "0"]
VALUES = ["", "1", "a b", "é€😀", "100%", "a=b&c", "--XX", "\r\n--X", "x" * 200, "+", ";"]
FILES = [None, None, "a.txt", "résumé; v2.pdf", "", "a b.png", "..", "/etc/passwd"]
HEADS = [
    "", "Content-Type: text/plain\r\n", "Content-Type: text/plain; charset=utf-8\r\n",
    "Content-Type: application/octet-stream\r\n", "X-Own: 1\r\n",
]  # fmt: skip
PIECES = [
    b"&", b"=", b"%", b"%zz", b"%ff", b"%c0%af", b"%00", b"%2B", b"+", b"\x00", b"\xff", b"\r\n",
    b"\n", b"\r", b"--XX", b"--XX\r\n", b"\r\n--XX--\r\n", b'"', b"\\", b";", b'; name="z"',
    b'; filename="z"', b"; filename*=UTF-8''z", b":", b" ", b"\t", b"=?utf-8?q?a?=",
    b'Content-Disposition: form-data; name="y"\r\n', b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/plain; charset=utf-7\r\n", b"form-data", b"attachment", b"name",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """boundary: None for a form. is_named: parts have names, as those of forms do."""

    boundary: str | None
    data: bytes
    is_named: bool = True


def bodies(seed: int, count: int) -> Iterator[Body]:
    """`count` bodies, half of them forms; a third of them as an honest client writes them."""
    chance = random.Random(seed)
    for number in range(count):
        boundary = BOUNDARY if number % 2 else None
        is_named = number % 4 != 3
        data = _multipart(chance, is_named=is_named) if boundary else _form(chance)
        for _ in range(chance.choice([0, 1, 1, 2, 3]) if number % 3 else 0):
            data = _mutated(chance, data)
        yield Body(boundary, data, is_named)


def _form(chance: random.Random) -> bytes:
    from urllib.parse import quote, quote_plus

    write = chance.choice([quote, quote_plus])
    pairs = [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randrange(6))]
    return "&".join(f"{write(name)}={write(value)}" for name, value in pairs).encode()


def _multipart(chance: random.Random, *, is_named: bool) -> bytes:
    parts = []
    for _ in range(chance.randrange(5)):
        name, file, head = chance.choice(NAMES), chance.choice(FILES), chance.choice(HEADS)
        value = chance.choice(VALUES).replace("--XX", "--YX")
        named = f'Content-Disposition: form-data; name="{name}"'
        named += "" if file is None else f'; filename="{file}"'
        named = f"{named}\r\n" if is_named else ""
        parts.append(f"--{BOUNDARY}\r\n{named}{head}\r\n{value}\r\n")
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


def _mutated(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(4):
        case 0:
            return data[:at] + chance.choice(PIECES) + data[at:]
        case 1:
            return data[:at] + data[at + chance.randrange(1, 12) :]
        case 2:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case _:
            end = min(len(data), at + chance.randrange(1, 40))
            return data[:end] + data[at:]
