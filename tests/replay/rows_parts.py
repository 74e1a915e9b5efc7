"""Multipart bodies that are no forms: lists of parts, and parts with names under another type."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.rows import PASS, Expect, Finding, Maker, Row, found, refused

END = "--XyZ--\r\n"
BAD_PARTS = "parse.bad-multipart"
SCHEMA, KIND, HEADER = "inspect.body-schema", "inspect.content-type", "inspect.part-header"
CHARSET, NESTED = "parse.unsupported-charset", "parse.nested-multipart"
MEDIA = "multipart/mixed; boundary=XyZ"
RELATED = "multipart/related; boundary=XyZ"
FORM = "multipart/form-data; boundary=XyZ"


def part(content: str, kind: str = "", *more: str) -> str:
    """One part without a name."""
    lines = [*([f"Content-Type: {kind}"] if kind else []), *more]
    return f"--XyZ\r\n{''.join(f'{line}' + chr(13) + chr(10) for line in lines)}\r\n{content}\r\n"


def rows(make: Maker) -> Iterator[Row]:
    """Every row of parts."""
    yield from _good(make)
    yield from _lists(make)
    yield from _boundaries(make)
    yield from _heads(make)
    yield from _items(make)
    yield from _ranges(make)
    yield from _named(make)


ITEM = part('{"name":"rex","count":2}', "application/json")
COUNT = part("7")
PICTURE = part("\0\1\2", "image/png", "X-Tag: cat")


def _post(make: Maker, text: str, path: str = "/bundle", kind: str = MEDIA) -> dict[str, object]:
    return make.request("POST", path, ("content-type", kind), body=text)


def _found(status: int, *told: tuple[str, str]) -> Expect:
    return refused(status, *(_place(code, pointer) for code, pointer in told))


def _place(code: str, pointer: str) -> Finding:
    return found(code, "body", "x-tag" if code == HEADER else "", pointer)


def _good(make: Maker) -> Iterator[Row]:
    for name, text in {
        "the least": ITEM + COUNT,
        "with a picture": ITEM + COUNT + PICTURE,
        "two pictures": ITEM + COUNT + PICTURE + part("<svg/>", "image/svg+xml", "x-tag: a"),
        "content that looks like a boundary": ITEM + COUNT + part("a--XyZ\r\n--Xy", "image/png", "X-Tag: a"),
        "a type with a suffix": part('{"name":"a"}', "application/vnd.a+json") + COUNT,
        "UTF-8 by name": ITEM + part("7", "text/plain; charset=utf-8"),
        "fields of its own": part('{"name":"a"}', "application/json", "Content-ID: <a@b>", "X-Own: 1", "X-Own: 2") + COUNT,
        "the size of a part": part('{"name":"a"}', "application/json", "Content-Length: 12") + COUNT,
        "a file name": ITEM + part("7", "text/plain", "Content-Disposition: attachment; filename*=UTF-8''x"),
    }.items():  # fmt: skip
        yield Row(f"good parts: {name}", _post(make, text + END), PASS)
    yield Row("good parts: no line behind the end", _post(make, ITEM + COUNT + END[:-2]), PASS)


def _lists(make: Maker) -> Iterator[Row]:
    """A list as a whole, and what stands at each position."""
    text = '{"name":"rex"}'
    cases: dict[str, tuple[str, int, list[tuple[str, str]]]] = {
        "a part is missing": (ITEM, 422, [(SCHEMA, "")]),
        "no part": ("", 422, [(SCHEMA, "")]),
        "a surplus part": (ITEM + COUNT + 3 * PICTURE, 422, [(SCHEMA, "")]),
        "swapped": (COUNT + ITEM, 422, [(KIND, "/0"), (KIND, "/1"), (SCHEMA, "/0"), (SCHEMA, "/1")]),
        "a wrong member": (part('{"name":1}', "application/json") + COUNT, 422, [(SCHEMA, "/0/name")]),
        "a member too many": (part('{"name":"a","x":1}', "application/json") + COUNT, 422, [(SCHEMA, "/0/x")]),
        "a number too large": (ITEM + part("70"), 422, [(SCHEMA, "/1")]),
        "no number": (ITEM + part("x"), 422, [(SCHEMA, "/1")]),
        "JSON that says it is text": (part(text, "text/plain") + COUNT, 422, [(KIND, "/0"), (SCHEMA, "/0")]),
        "JSON that says nothing": (part(text) + COUNT, 422, [(KIND, "/0"), (SCHEMA, "/0")]),
        "a number as JSON": (ITEM + part("7", "application/json"), 415, [(KIND, "/1")]),
        "a page for a picture": (ITEM + COUNT + part("<p>", "text/html", "X-Tag: a"), 415, [(KIND, "/2")]),
        "a picture too large": (ITEM + COUNT + part("x" * 21, "image/png", "X-Tag: a"), 422, [(SCHEMA, "/2")]),
        "no tag": (ITEM + COUNT + part("x", "image/png"), 422, [(HEADER, "/2")]),
        "a wrong tag": (ITEM + COUNT + part("x", "image/png", "X-Tag: 1"), 422, [(HEADER, "/2")]),
        "two tags": (ITEM + COUNT + part("x", "image/png", "X-Tag: a", "X-Tag: b"), 422, [(HEADER, "/2")]),
    }  # fmt: skip
    for name, (body, usual, told) in cases.items():
        # Of several reasons the first one gives the status.
        status = 415 if told[0][0] == KIND else usual
        yield Row(f"parts: {name}", _post(make, body + END), _found(status, *told))
    for code, text in (
        ("parse.xml-doctype", "<!DOCTYPE a><a/>"),
        ("parse.bad-xml", "<a>"),
    ):
        drawing = part(text, "image/svg+xml", "X-Tag: a")
        expect = refused(400, found(code, "body", "", "*"))
        yield Row(f"parts: {code}", _post(make, ITEM + COUNT + drawing + END), expect)
    for code, text in (
        ("parse.bad-json", "{'name':1}"),
        ("parse.duplicate-key", '{"name":"a","name":"b"}'),
        ("parse.prototype-key", '{"__proto__":{}}'),
    ):
        torn = part(text, "application/json") + COUNT + END
        expect = refused(400, found(code, "body", "", "*"))
        yield Row(f"parts: {code}", _post(make, torn), expect)
    yield Row(
        "parts: text that is none",
        _post(make, ITEM + part("7\0") + END),
        _found(400, ("parse.bad-body-text", "/1")),
    )


def _boundaries(make: Maker) -> Iterator[Row]:
    whole = ITEM + COUNT + END
    for name, (text, pointer) in {
        "no end": (ITEM + COUNT, "/1"),
        "before the first": (f"preamble\r\n{whole}", "/0"),
        "behind the last": (f"{whole}epilogue", "/2"),
        "bare line feeds": (whole.replace("\r\n", "\n"), "/0"),
        "another boundary": (whole.replace("XyZ", "abc"), "/0"),
        "a blank behind it": (whole.replace("--XyZ\r\n", "--XyZ \r\n", 1), "/0"),
        "a longer boundary inside": (ITEM + part("7\r\n--XyZZ") + END, "/2"),
        "a boundary behind a bare line feed": (ITEM + part("7\n--XyZ") + END, "/1"),
        "a boundary right behind a head": (ITEM + "--XyZ\r\n\r\n--XyZ--\r\n", "/1"),
        "the end twice": (whole + whole, "/2"),
    }.items():
        yield Row(f"parts: {name}", _post(make, text), _found(400, (BAD_PARTS, pointer)))
    for kind in ("multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=XyZ; boundary=a"):  # fmt: skip
        told = refused(400, found("parse.bad-content-type", "header", "content-type"))
        yield Row(f"parts: {kind}", _post(make, whole, kind=kind), told)
    many = ITEM + COUNT + 63 * PICTURE + END
    yield Row("parts: too many", _post(make, many), _found(400, ("parse.query-limit", "/64")))


def _heads(make: Maker) -> Iterator[Row]:
    """Heads of parts that two readers take for different ones."""
    for name, more in {
        "a type twice": "Content-Type: text/plain",
        "a field twice": "Content-ID: <a>\r\nContent-ID: <b>",
        "another size": "Content-Length: 2",
        "a coding": "Content-Transfer-Encoding: base64",
        "a content coding": "Content-Encoding: gzip",
        "folded": "X-Own: a\r\n b",
        "no colon": "X-Own",
        "a control character": "X-Own: \x01",
    }.items():
        text = ITEM + part("7", "text/plain", more) + END
        yield Row(f"parts: head with {name}", _post(make, text), _found(400, (BAD_PARTS, "/1")))
    for charset in ("utf-7", "utf-16le", "ibm037"):
        for at, text in enumerate(
            (
                part('{"name":"a"}', f"application/json; charset={charset}") + COUNT,
                ITEM + part("7", f"text/plain; charset={charset}"),
            )
        ):
            told = _found(415, (CHARSET, f"/{at}"))
            yield Row(f"parts: part {at} in {charset}", _post(make, text + END), told)
    inner = "--Ab\r\n\r\n1\r\n--Ab--"
    nested = part(inner, "multipart/mixed; boundary=Ab", "X-Tag: a")
    both = _found(415, (KIND, "/2"), (NESTED, "/2"))
    yield Row("parts: a part of parts", _post(make, ITEM + COUNT + nested + END), both)


def _items(make: Maker) -> Iterator[Row]:
    def post(text: str) -> dict[str, object]:
        return _post(make, text + END, "/pages", RELATED)

    page, style = part("<p>hi</p>", "text/html"), part("p{}", "text/css")
    for number in (0, 1, 2, 64):
        yield Row(f"good parts: {number} pages", post(number * page), PASS)
    yield Row("good parts: page and style", post(page + style), PASS)
    yield Row("parts: a page too long", post(style + part("x" * 11, "text/html")), _found(422, (SCHEMA, "/1")))  # fmt: skip
    yield Row("parts: a script", post(page + part("x", "text/javascript")), _found(415, (KIND, "/1")))  # fmt: skip
    yield Row("parts: a page without a type", post(part("x")), _found(415, (KIND, "/0")))
    forbidden = refused(422, found(HEADER, "body", "content-id", "/0"))
    text = part("x", "text/html", "Content-ID: <a>")
    yield Row("parts: a header that must not be there", post(text), forbidden)
    yield Row("parts: 65 pages", post(65 * page), _found(400, ("parse.query-limit", "/64")))
    other = _post(make, page + END, "/pages", MEDIA)
    told = refused(415, found(KIND, "header", "content-type"))
    yield Row("parts: mixed for related", other, told)


def _ranges(make: Maker) -> Iterator[Row]:
    def post(text: str, kind: str) -> dict[str, object]:
        return _post(make, text + END, "/any-parts", kind)

    for kind in (MEDIA, RELATED, "multipart/parallel; boundary=XyZ"):
        yield Row(f"good parts: a range, {kind}", post(part("abc"), kind), PASS)
        yield Row(f"parts: a range, {kind}", post(part("abcdef"), kind), _found(422, (SCHEMA, "/0")))  # fmt: skip
    named = part("abc", "", 'Content-Disposition: form-data; name="a"')
    yield Row("good parts: a form by position", post(named, FORM), PASS)
    yield Row("parts: a form without names", post(part("abc"), FORM), _found(400, (BAD_PARTS, "/0")))  # fmt: skip
    digest = "multipart/digest; boundary=XyZ"
    yield Row("parts: a message for a text", post(part("abc"), digest), _found(415, (KIND, "/0")))
    yield Row("good parts: a digest of texts", post(part("abc", "text/plain"), digest), PASS)


def _named(make: Maker) -> Iterator[Row]:
    """An object, whose parts have names as in forms."""

    def post(text: str) -> dict[str, object]:
        return _post(make, text + END, "/named-parts")

    def name(of: str) -> str:
        return f'Content-Disposition: form-data; name="{of}"'

    meta = part('{"v":1}', "application/json", name("meta"))
    file = part("\0", "image/png", name("file"), "X-Tag: 1")
    yield Row("good parts: named", post(meta + file), PASS)
    cases = {
        "no name": (part('{"v":1}', "application/json"), 400, BAD_PARTS, "", ""),
        "a wrong member": (part('{"v":"x"}', "application/json", name("meta")), 422, SCHEMA, "", "/meta/v"),
        "a missing part": (file, 422, SCHEMA, "", ""),
        "a page for a picture": (meta + part("x", "text/html", name("file"), "X-Tag: 1"), 415, KIND, "", "/file"),
        "no tag": (meta + part("x", "image/png", name("file")), 422, HEADER, "x-tag", "/file"),
        "a wrong tag": (meta + part("x", "image/png", name("file"), "X-Tag: a"), 422, HEADER, "x-tag", "/file"),
        "an attachment": (part('{"v":1}', "application/json", 'Content-Disposition: attachment; name="meta"'), 400, BAD_PARTS, "", ""),
    }  # fmt: skip
    for case, (text, status, code, header, pointer) in cases.items():
        told = refused(status, found(code, "body", header, pointer))
        yield Row(f"named parts: {case}", post(text), told)
    nested = meta + part("--Ab--", "multipart/mixed; boundary=Ab", name("other"))
    yield Row("named parts: a part of parts", post(nested), _found(400, (NESTED, "/other")))
