"""Seeded HTTP/1.1 streams for the codec's oracles: honest ones, and mutations of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"HEAD", b"PURGE", b"get")
TARGETS = (
    b"/",
    b"/users/42",
    b"/a/b?c=d&e=%20f",
    b"/search?q=x+y;z&tags[]=1",
    b"//double",
    b"/a/../b",
    b"/~u/!$&'()*+,;=:@",
    b"http://a/b?c",
    b"http://a?c",
    b"*",
)
FIELDS = (
    b"Accept: */*",
    b"User-Agent: check/1.0 (x; y)",
    b"X-Empty:",
    b"X-Blank:   ",
    b"X-Tab:\ta\tb\t",
    b"X-Trim:   a b   ",
    b"X-Bytes: caf\xc3\xa9 \xff",
    b"Cookie: a=b; c=d",
    b"Cookie: e=f",
    b"Content-Type: application/json",
    b"x_under: 1",
    b"Authorization: Bearer eyJ.x.y",
)
BREAKING_FIELDS = (
    b"Host: b",
    b"Content-Length: 3",
    b"Content-Length: 03",
    b"Content-Length: +3",
    b"Content-Length: 3, 3",
    b"Content-Length: 3 ",
    b"Content-Length: -1",
    b"Content-Length: 0x3",
    b"Content-Length: 18446744073709551617",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding : chunked",
    b"Expect: 100-continue",
    b"Expect: later",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: upgrade",
    b"Upgrade: h2c",
    b"Upgrade: websocket",
    b" folded",
    b"\tfolded",
    b"no colon",
    b"X(y): 1",
    b": nameless",
    b"X-Nul: a\0b",
    b"X-Bell: a\x07b",
    b"X-Return: a\rb",
    b"X-Delete: a\x7fb",
)
START_LINES = (
    b"GET  / HTTP/1.1",
    b"GET /  HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b" GET / HTTP/1.1",
    b"GET /\tHTTP/1.1",
    b"GET /",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET / HTTP/11",
    b"GET / http/1.1",
    b"GET /{id} HTTP/1.1",
    b"GET /a|b HTTP/1.1",
    b'GET /a"b HTTP/1.1',
    b"GET /<> HTTP/1.1",
    b"GET /\xc3\xa9 HTTP/1.1",
    b"GET /#fragment HTTP/1.1",
    b"GET relative HTTP/1.1",
    b"GET /%zz HTTP/1.1",
    b"CONNECT a:443 HTTP/1.1",
    b"TRACE / HTTP/1.1",
    b"G(T / HTTP/1.1",
    b"\r\nGET / HTTP/1.1",
)
STATUS_LINES = (
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1 20 OK",
    b"HTTP/1.1 2000 OK",
    b"HTTP/1.1 099 No",
    b"HTTP/1.1 999 Odd",
    b"HTTP/1.1 200 caf\xc3\xa9",
    b"HTTP/1.1 200 a\0b",
    b"HTTP/2.0 200 OK",
    b"HTTP/1.2 200 OK",
    b"ICY 200 OK",
    b"HTTP/1.1 101 Switching Protocols",
)
NOISE = b'\r\n \t:;,="\0\x7f\xff0f-aH'
SIZES = (
    b"3",
    b"03",
    b"0x3",
    b"+3",
    b" 3",
    b"3 ",
    b"3\t",
    b"",
    b"g",
    b"ffffffffffffffff",
    b"f" * 17,
)
EXTENSIONS = (
    b";a",
    b";a=b",
    b';a="b c"',
    b";",
    b"; a",
    b" ;a",
    b";a=",
    b';a="b',
    b";a\n",
    b";" + b"x" * 300,
)
TRAILERS = (b"X-Sum: 1", b"Grpc-Status: 0", b"Content-Length: 3", b"Host: b", b" folded", b"bad")


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes of one connection, how they are cut, and the method that a response answers."""

    side: str
    method: str
    data: bytes
    cuts: tuple[int, ...]


def streams(seed: int, count: int) -> Iterator[Stream]:
    """`count` streams; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        side = chance.choice(("request", "response"))
        method = chance.choice(("GET", "GET", "POST", "HEAD"))
        data = _requests(chance) if side == "request" else _response(chance, method)
        if chance.random() < 0.4:
            data = _noise(chance, data)
        cuts = tuple(
            chance.randint(1, chance.choice((1, 8, 64))) for _ in range(chance.randint(0, 6))
        )
        yield Stream(side, method, data, cuts)


def _requests(chance: random.Random) -> bytes:
    return b"".join(_request(chance) for _ in range(chance.choice((1, 1, 1, 2, 3))))


def _request(chance: random.Random) -> bytes:
    version = chance.choice((b"1.1", b"1.1", b"1.1", b"1.0"))
    start = b"%s %s HTTP/%s" % (chance.choice(METHODS), chance.choice(TARGETS), version)
    if chance.random() < 0.15:
        start = chance.choice(START_LINES)
    return _message(chance, start, [b"Host: a"] if chance.random() < 0.95 else [])


def _response(chance: random.Random, method: str) -> bytes:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * chance.choice(
        (0, 0, 0, 0, 0, 0, 1, 2, 8, 9)
    )
    status = chance.choice(
        (b"200 OK", b"200 OK", b"404 Not Found", b"204 No Content", b"304 Not Modified")
    )
    start = b"HTTP/%s %s" % (chance.choice((b"1.1", b"1.1", b"1.0")), status)
    if chance.random() < 0.15:
        start = chance.choice(STATUS_LINES)
    message = _message(chance, start, [])
    if method == "HEAD" or status[:3] in {b"204", b"304"}:
        message = message[: message.find(b"\r\n\r\n") + 4]
    return interim + message


def _message(chance: random.Random, start: bytes, first: list[bytes]) -> bytes:
    fields = first + chance.sample(FIELDS, chance.randint(0, 5))
    body, framing = _body(chance)
    fields += framing
    if chance.random() < 0.25:
        fields.insert(chance.randint(0, len(fields)), chance.choice(BREAKING_FIELDS))
    return b"\r\n".join((start, *fields, b"", body))


def _body(chance: random.Random) -> tuple[bytes, list[bytes]]:
    data = bytes(chance.choices(range(256), k=chance.choice((0, 1, 3, 40))))
    match chance.choice(("none", "length", "chunked")):
        case "none":
            return b"", []
        case "length":
            wrong = chance.choice((0, 0, 0, 0, 1))
            return data, [b"Content-Length: %d" % (len(data) + wrong)]
        case _:
            return _chunks(chance, data), [b"Transfer-Encoding: chunked"]


def _chunks(chance: random.Random, data: bytes) -> bytes:
    lines = []
    while data:
        size = chance.randint(1, len(data))
        extension = chance.choice(EXTENSIONS) if chance.random() < 0.2 else b""
        lines += [b"%x%s\r\n" % (size, extension), data[:size], b"\r\n"]
        data = data[size:]
    if chance.random() < 0.15:
        lines += [chance.choice(SIZES), b"\r\nabc\r\n"]
    trailers = [chance.choice(TRAILERS)] if chance.random() < 0.2 else []
    return b"".join((*lines, b"0\r\n", *(trailer + b"\r\n" for trailer in trailers), b"\r\n"))


def _noise(chance: random.Random, data: bytes) -> bytes:
    """One to three bytes changed, added or left out, or a line end bared, or the end cut off."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data)) if data else 0
        match chance.choice(("change", "add", "drop", "bare", "cut")):
            case "change":
                data = data[:at] + bytes([chance.choice(NOISE)]) + data[at + 1 :]
            case "add":
                data = data[:at] + bytes([chance.choice(NOISE)]) + data[at:]
            case "drop":
                data = data[:at] + data[at + 1 :]
            case "bare":
                end = data.find(b"\r\n", at)
                data = data if end < 0 else data[:end] + data[end + 1 :]
            case _:
                data = data[:at] if chance.random() < 0.2 else data
    return data
