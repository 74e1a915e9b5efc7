"""Bodies of every media type that the corpus API takes: what breaks them, beside what fits."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.replay.rows import (
    OK_RESPONSE,
    PASS,
    REPLAY_ONLY,
    Expect,
    Maker,
    Row,
    found,
    noted,
    refused,
)

JSON = ("content-type", "application/json")
FORM = ("content-type", "application/x-www-form-urlencoded")
TEXT = ("content-type", "text/plain; charset=utf-8")
PARTS = ("content-type", "multipart/form-data; boundary=XyZ")

BAD_JSON = {
    "parse.bad-json": [
        ("{", ""), ("{'age':1}", ""), ('{"age":01}', "/age"),
        ('{"age":1} x', ""), ('{"age":NaN}', "/age"), ('{"email":"\t"}', "/email"),
        ('{"email":"\\x"}', "/email"), ("\ufeff{}", ""), ('{"age":+1}', "/age"),
        ('{"email":"\\ud800"}', "/email"), ("/**/{}", ""), ('{"age":1.}', "/age"),
    ],
    "parse.duplicate-key": [('{"age":1,"age":2}', "/age"), ('{"a":1,"\\u0061":2}', "/a")],
    "parse.prototype-key": [('{"__proto__":{}}', "/__proto__"), ('{"\\u005f_proto__":1}', "/__proto__")],
    "parse.json-number": [('{"age":1e400}', "/age"), ('{"age":123456789012345678901}', "/age"), ('{"age":9007199254740993}', "/age")],
    "parse.json-limit": [
        ('{"other":' + "[" * 32 + "]" * 32 + "}", "/other" + "/0" * 31),
    ],
}  # fmt: skip


def rows(make: Maker) -> Iterator[Row]:
    """Every row of bodies."""
    yield from _json(make)
    yield from _closed(make)
    yield from _forms(make)
    yield from _multipart(make)
    yield from _text(make)
    yield from _kinds(make)


def _bad(code: str, pointer: str = "", status: int = 400) -> Expect:
    return refused(status, found(code, "body", "", pointer))


def _json(make: Maker) -> Iterator[Row]:
    def post(text: str | bytes, path: str = "/maybe-body") -> dict[str, object]:
        return make.request("POST", path, JSON, body=text)

    for code, texts in BAD_JSON.items():
        for text, pointer in texts:
            if text and pointer is not None:
                yield Row(f"{code} {text[:30]!r}", post(text), _bad(code, pointer))
    yield Row("parse.bad-json: trailing comma", post('{"age":1,}'), _bad("parse.bad-json", "*"))
    yield Row(
        "parse.json-limit: depth", post("[" * 33 + "]" * 33), _bad("parse.json-limit", "/0" * 32)
    )
    keys = "{" + ",".join(f'"k{n}":1' for n in range(51)) + "}"
    yield Row("parse.json-limit: keys", post(keys), _bad("parse.json-limit", "*"))
    yield Row("parse.bad-json: not UTF-8", post(b'{"email":"\xff"}'), _bad("parse.bad-json", "*"))
    good = ['{"age":1}', "{}", ' {"age" : 1e2}\n', '{"age":9007199254740991}', '{"other":[[[1]]]}',
            '{"email":"a@b.example"}', '{"email":"\\u0061@b.example","age":-0}', '{"proto":1}']  # fmt: skip
    for text in good:
        yield Row(f"good json {text}", post(text), PASS)
    held = found("inspect.body-schema", "body", "", "/email", "excepted")
    yield Row("excepted field", post('{"email":"nope"}', "/excepted"), noted(held))
    both = refused(422, found("inspect.body-schema", "body", "", "/age"), held)
    yield Row(
        "excepted field beside another", post('{"email":"nope","age":"x"}', "/excepted"), both
    )


def _closed(make: Maker) -> Iterator[Row]:
    """Members that no schema names, where the body is closed."""

    def post(text: str, path: str = "/closed") -> dict[str, object]:
        return make.request("POST", path, JSON, body=text)

    def undeclared(*pointers: str) -> Expect:
        code = "inspect.body-undeclared"
        return refused(422, *(found(code, "body", "", one) for one in pointers))

    good = ['{"age":1}', "{}", '{"owner":{"name":"a"},"notes":{"any":{"thing":1}}}',
            '{"items":[{"id":1},{}]}']  # fmt: skip
    for text in good:
        yield Row(f"closed body {text}", post(text), PASS)
    for text, pointers in (
        ('{"age":1,"role":"admin"}', ["/role"]),
        ('{"owner":{"name":"a","is_admin":true}}', ["/owner/is_admin"]),
        ('{"items":[{"id":1},{"price":0}],"x/y":1}', ["/items/1/price", "/x~1y"]),
        ('{"Age":1}', ["/Age"]),
    ):
        yield Row(f"inspect.body-undeclared: {text}", post(text), undeclared(*pointers))
    yield Row("an open body takes them", post('{"age":1,"role":"admin"}', "/maybe-body"), PASS)
    both = [
        found("inspect.body-schema", "body", "", "/age"),
        found("inspect.body-undeclared", "body", "", "/role"),
    ]
    yield Row("both at once", post('{"role":1,"age":"x"}'), refused(422, *both))


def _forms(make: Maker) -> Iterator[Row]:
    def post(text: str | bytes) -> dict[str, object]:
        return make.request("POST", "/form", FORM, body=text)

    for text in (
        "name=a",
        "name=a+b&age=3",
        "name=%C3%A9&ids=1&ids=2",
        "name=",
        "name=a&ids[]=1",
        "&name=a&",
    ):
        yield Row(f"good form {text}", post(text), PASS)
    for text in ("name=%zz", "name%=a", "name=%ff", "name=a%00"):
        code = {"%zz": "parse.bad-percent", "%=a": "parse.bad-percent", "%ff": "parse.bad-utf8"}
        told = next((known for part, known in code.items() if part in text), "parse.encoded-nul")
        name = "name%" if "%=" in text else "name"
        yield Row(f"{told} in the form {text}", post(text), refused(400, found(told, "body", name)))
    yield Row("parse.bad-form: raw bytes", post(b"name=a\x01"), _bad("parse.bad-form"))
    many = "name=a&" + "&".join(f"x{n}=1" for n in range(256))
    yield Row("parse.query-limit in the form", post(many), _bad("parse.query-limit"))
    for text, pointer in (
        ("age=3", ""),
        ("name=a&age=x", "/age"),
        ("name=abcdefghijk", "/name"),
        ("name=a&other=1", "/other"),
        ("name=a&ids=1&ids=x", "/ids/1"),
    ):
        yield Row(
            f"inspect.body-schema form {text}",
            post(text),
            _bad("inspect.body-schema", pointer, 422),
        )
    listed = ["/ids", *sorted(f"/ids/{n}" for n in range(40))[:31], ""]
    breaches = [found("inspect.body-schema", "body", "", pointer) for pointer in listed]
    bad = post("name=a" + "&ids=x" * 40)
    yield Row("inspect.body-schema form: more than is told", bad, refused(422, *breaches))
    twice = _bad("inspect.parameter-repeated", "/name", 422)
    yield Row("inspect.parameter-repeated in the form", post("name=a&name=b"), twice)


def part(name: str, value: str, *more: str) -> str:
    """One part of a multipart body."""
    head = "".join(f"{line}\r\n" for line in more)
    return f'--XyZ\r\nContent-Disposition: form-data; name="{name}"\r\n{head}\r\n{value}\r\n'


def _multipart(make: Maker) -> Iterator[Row]:
    def post(text: str) -> dict[str, object]:
        return make.request("POST", "/upload", PARTS, body=text)

    end = "--XyZ--\r\n"
    title = part("title", "a")
    file = '--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n\0\1\r\n'
    for name, text in {
        "title": title, "count": title + part("count", "3"), "file": title + file,
        "json": title + part("meta", '{"v":1}', "Content-Type: application/json"),
    }.items():  # fmt: skip
        yield Row(f"good multipart: {name}", post(text + end), PASS)
    bad = {
        "no end": title, "no boundary": "title=a", "other boundary": title.replace("XyZ", "abc") + end,
        "no name": title.replace('; name="title"', "") + end,
        "bare line feeds": (title + end).replace("\r\n", "\n"),
        "folded": title.replace("form-data;", "form-data;\r\n ") + end,
        "two heads": part("title", "a", 'Content-Disposition: form-data; name="x"') + end,
    }  # fmt: skip
    for name, text in bad.items():
        yield Row(f"parse.bad-multipart: {name}", post(text), _bad("parse.bad-multipart"))
    many = part("x", "1") * 65 + end
    yield Row("parse.query-limit: parts", post(many), _bad("parse.query-limit"))
    coded = make.request("POST", "/upload", PARTS, ("content-encoding", "gzip"),
                         body=gzip.compress((part("title", "a") + part("file", "b" * 59_000) + end).encode(), mtime=0))  # fmt: skip
    yield Row("internal.budget", coded, refused(503, found("internal.budget", "body")))
    for text, pointer in (
        (part("count", "1"), ""),
        (title + part("count", "x"), "/count"),
        (part("title", "abcdefghijk"), "/title"),
        (title + part("meta", '{"v":"x"}', "Content-Type: application/json"), "/meta/v"),
    ):
        yield Row(
            f"inspect.body-schema multipart {pointer}",
            post(text + end),
            _bad("inspect.body-schema", pointer, 422),
        )


def _text(make: Maker) -> Iterator[Row]:
    def post(text: str | bytes, kind: tuple[str, str] = TEXT) -> dict[str, object]:
        return make.request("POST", "/note", kind, body=text)

    yield Row("good text", post("h\u00e9llo"), PASS)
    yield Row("inspect.body-schema text", post("a" * 21), _bad("inspect.body-schema", "", 422))
    yield Row("parse.bad-body-text", post(b"a\xff"), _bad("parse.bad-body-text"))
    yield Row("parse.bad-body-text: overlong", post(b"\xc0\xaf"), _bad("parse.bad-body-text"))


def _kinds(make: Maker) -> Iterator[Row]:
    item = '{"name":"a","price":1}'
    created = {
        "status": 201,
        "fields": [["content-type", "application/json"]],
        "body": {"text": item},
    }
    yield Row(
        "good body: json",
        make.request("POST", "/open-items", JSON, body=item, answer=created),
        PASS,
    )
    suffix = make.request(
        "POST", "/open-items", ("content-type", "application/vnd.x+json"), body=item, answer=created
    )
    yield Row("good body: json suffix", suffix, PASS)
    for kind in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
    ):
        row = make.request("POST", "/open-items", ("content-type", kind), body=item)
        told = refused(415, found("inspect.content-type", "header", "content-type"))
        yield Row(f"inspect.content-type {kind}", row, told)
    none = make.request("POST", "/open-items", body=item)
    yield Row(
        "inspect.content-type: none",
        none,
        refused(415, found("inspect.content-type", "header", "content-type")),
    )
    for path in ("/open-items", "/form", "/upload", "/note"):
        row = make.request("POST", path, JSON)
        yield Row(f"inspect.body-missing {path}", row, _bad("inspect.body-missing", "", 422))
    yield Row("good body: optional", make.request("POST", "/maybe-body"), PASS)
    extra = make.request("POST", "/fire", JSON, body="{}")
    yield Row("inspect.body-unexpected", extra, _bad("inspect.body-unexpected", "", 422))
    read = make.request("GET", "/ping", JSON, body="{}")
    yield Row("inspect.body-unexpected: GET", read, _bad("inspect.body-unexpected", "", 422))
    yield Row("good body: none", make.request("POST", "/fire", answer=OK_RESPONSE), PASS)
    deep = make.request(
        "POST",
        "/open-items",
        JSON,
        body='{"name":"a","price":1,"parts":' + "[" * 20 + "]" * 20 + "}",
    )
    yield Row("a part that is a list of lists", deep, None, REPLAY_ONLY)
