"""Framing: streams with two readings, each beside the good stream nearest to it."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.rows import ON_THE_WIRE, PASS, REPLAY_ONLY, Expect, Maker, Row, found, refused

HOST = "Host: api.example.com\r\n"
PING = f"GET /ping HTTP/1.1\r\n{HOST}"
POST = f"POST /maybe-body HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
JSON = '{"age":3}'
CHUNKED = "Transfer-Encoding: chunked\r\n"

GOOD = {
    "plain": PING + "\r\n",
    "blanks around a value": f"{PING}X-A: \t b \r\n\r\n",
    "empty value": f"{PING}X-A:\r\n\r\n",
    "http 1.0": f"GET /ping HTTP/1.0\r\n{HOST}\r\n",
    "length": f"{POST}Content-Length: 9\r\n\r\n{JSON}",
    "length zero": f"{POST}Content-Length: 0\r\n\r\n",
    "chunked": f"{POST}{CHUNKED}\r\n9\r\n{JSON}\r\n0\r\n\r\n",
    "two chunks": f'{POST}{CHUNKED}\r\n3\r\n{{"a\r\n6\r\nge":3}}\r\n0\r\n\r\n',
    "chunk extension": f"{POST}{CHUNKED}\r\n9;a=b\r\n{JSON}\r\n0\r\n\r\n",
    "upper hex": f"{POST}{CHUNKED}\r\n00A\r\n{JSON} \r\n0\r\n\r\n",
    "trailer": f"{POST}{CHUNKED}\r\n9\r\n{JSON}\r\n0\r\nX-Sum: 1\r\n\r\n",
    "expect": f"{POST}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n{JSON}",
    "absolute form": f"GET http://api.example.com/ping HTTP/1.1\r\n{HOST}\r\n",
    "many fields": PING + "".join(f"X-{n}: 1\r\n" for n in range(90)) + "\r\n",
    "large value": f"{PING}X-A: {'a' * 8000}\r\n\r\n",
}

BAD: dict[str, list[str]] = {
    "wire.bad-request-line": [
        f"\r\nGET /ping HTTP/1.1\r\n{HOST}\r\n", f"GET  /ping HTTP/1.1\r\n{HOST}\r\n",
        f"GET /ping\r\n{HOST}\r\n", f"GET /pi\x7fng HTTP/1.1\r\n{HOST}\r\n",
        f"GET /ping HTTP/1.1 \r\n{HOST}\r\n", f"GET /ping http/1.1\r\n{HOST}\r\n",
        f"GET /\t HTTP/1.1\r\n{HOST}\r\n", f"GET /ping HTTP/1.1 x\r\n{HOST}\r\n",
    ],
    "wire.bad-method": [f"G(T /ping HTTP/1.1\r\n{HOST}\r\n", "\x16\x03\x01\x02\x00", f"GE\0T /ping HTTP/1.1\r\n{HOST}\r\n"],
    "wire.bad-version": [f"GET /ping HTTP/1.2\r\n{HOST}\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    "wire.method-refused": [f"TRACE /ping HTTP/1.1\r\n{HOST}\r\n", f"CONNECT a:443 HTTP/1.1\r\n{HOST}\r\n"],
    "wire.bare-line-feed": [f"GET /ping HTTP/1.1\n{HOST}\r\n", f"{PING}X: a\n\r\n", f"{PING}\n", f"{POST}{CHUNKED}\r\n9\n{JSON}\r\n0\r\n\r\n"],
    "wire.bad-field": [f"{PING}X : a\r\n\r\n", f"{PING}X: a\0b\r\n\r\n", f"{PING}nocolon\r\n\r\n", f"{PING}X(y): a\r\n\r\n", f"{PING}: a\r\n\r\n", f"{PING}X: a\rY: b\r\n\r\n"],
    "wire.obsolete-fold": [f"{PING}X: a\r\n b\r\n\r\n", f"{PING}X: a\r\n\tb\r\n\r\n"],
    "wire.bad-length": [f"{POST}Content-Length: {bad}\r\n\r\n{JSON}" for bad in ("+9", "-9", "9, 9", "0x9", "9 9", "", "99999999999999999999")],
    "wire.duplicate-length": [f"{POST}Content-Length: 9\r\nContent-Length: 9\r\n\r\n{JSON}"],
    "wire.length-and-chunked": [f"{POST}Content-Length: 9\r\n{CHUNKED}\r\n{JSON}", f"{POST}{CHUNKED}Content-Length: 9\r\n\r\n{JSON}"],
    "wire.bad-transfer-encoding": [f"{POST}Transfer-Encoding: {bad}\r\n\r\n" for bad in ("gzip, chunked", "identity", "xchunked", "chunked, chunked", "gzip")],
    "wire.transfer-encoding-in-1.0": [f"POST /maybe-body HTTP/1.0\r\n{HOST}{CHUNKED}\r\n0\r\n\r\n"],
    "wire.bad-chunk": [f"{POST}{CHUNKED}\r\n{bad}\r\n{JSON}\r\n0\r\n\r\n" for bad in ("+9", "0x9", "9 ", "g", "-1", "fffffffffffffffff")] + [f"{POST}{CHUNKED}\r\n9\r\n{JSON}xx\r\n0\r\n\r\n"],
    "wire.bad-trailer": [f"{POST}{CHUNKED}\r\n9\r\n{JSON}\r\n0\r\n{name}: 1\r\n\r\n" for name in ("Content-Length", "Host", "Transfer-Encoding", "Authorization")],
    "wire.duplicate-host": [f"{PING}Host: other.example.com\r\n\r\n", f"{PING}{HOST}\r\n"],
    "wire.missing-host": ["GET /ping HTTP/1.1\r\n\r\n"],
    "wire.bad-expectation": [f"{POST}Expect: 200-ok\r\nContent-Length: 9\r\n\r\n{JSON}"],
    "wire.upgrade-refused": [f"{PING}Upgrade: h2c\r\nConnection: upgrade\r\n\r\n", f"{PING}Upgrade: websocket\r\n\r\n"],
    "wire.target-too-long": [f"GET /{'a' * 9000} HTTP/1.1\r\n{HOST}\r\n"],
    "wire.field-too-large": [f"{PING}X: {'a' * 8193}\r\n\r\n"],
    "wire.head-too-large": [PING + "".join(f"X-{n}: {'a' * 4000}\r\n" for n in range(5)) + "\r\n"],
    "wire.too-many-fields": [PING + "".join(f"X-{n}: 1\r\n" for n in range(100)) + "\r\n"],
    "wire.truncated": [f"{POST}Content-Length: 9\r\n\r\n{{", f"GET /ping HTTP/1.1\r\n{HOST}", f"{POST}{CHUNKED}\r\n9\r\n{JSON}"],
}  # fmt: skip

STATUS = {
    "wire.bad-expectation": 417, "wire.field-too-large": 431, "wire.head-too-large": 431,
    "wire.method-refused": 405, "wire.target-too-long": 414, "wire.too-many-fields": 431,
}  # fmt: skip


def rows(make: Maker) -> Iterator[Row]:
    """Every row of framing."""
    for name, stream in GOOD.items():
        yield Row(f"good wire: {name}", make.raw(stream.encode("latin-1")), PASS, ON_THE_WIRE)
    for code, streams in BAD.items():
        told = refused(STATUS.get(code, 400), found(code, "connection"))
        for number, stream in enumerate(streams):
            yield Row(f"{code} {number}", make.raw(stream.encode("latin-1")), told, ON_THE_WIRE)
    left = refused(400, found("internal.left", "connection"))
    yield Row("internal.left", make.raw(b""), left, REPLAY_ONLY)
    yield from _parts(make)


def _parts(make: Maker) -> Iterator[Row]:
    """The same faults where the head did not come as bytes."""

    def row(code: str, capture: dict[str, object], told: Expect | None = None) -> Row:
        usual = refused(STATUS.get(code, 400), found(code, "connection"))
        return Row(f"{code} in parts", capture, told or usual)

    yield row("wire.missing-host", make.request("GET", "/ping", host=""))
    yield row("wire.duplicate-host", make.request("GET", "/ping", ("host", "b.example.com")))
    yield row("wire.bad-field", make.request("GET", "/ping", ("x y", "a")))
    yield row("wire.method-refused", make.request("TRACE", "/ping"))
    yield row("wire.upgrade-refused", make.request("GET", "/ping", ("upgrade", "h2c")))
    yield row("wire.bad-expectation", make.request("GET", "/ping", ("expect", "later")))
