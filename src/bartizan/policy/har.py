"""Reads HAR 1.2 (recorded browser or proxy traffic) as captures.

A HAR holds live tokens and cookies: no value out of it ever stands in a message, only its place.
Source: the HTTP Archive specification 1.2, sections entries, request, postData, response, content.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlsplit

from bartizan.model.errors import Fault
from bartizan.policy.captures import Answered, Capture, Fields
from bartizan.policy.document import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import NoReturn

_HAR = re.compile(rb"\s*\{\s*\"log\"\s*:")
# What the recorder has undone already, or what belongs to one connection.
_REQUEST_DROPPED = frozenset(("content-length", "transfer-encoding", "connection", "keep-alive"))
_RESPONSE_DROPPED = _REQUEST_DROPPED | {"content-encoding"}
_NO_BODY = (204, 304)
Node = dict[str, object]


def is_har(raw: bytes) -> bool:
    """Whether this looks like a HAR, by its first member."""
    return _HAR.match(raw[:4096].removeprefix(b"\xef\xbb\xbf")) is not None


def captures(name: str, raw: bytes, hosts: Collection[str] = ()) -> Iterator[Capture]:
    """The HTTP entries of a HAR, in order; `data:` and socket entries are passed over.

    hosts: only entries of these hosts; empty = all. Raises Fault "har.syntax" or "har.entry" with
    line and column, never with a value.
    """
    document = _document(name, raw)
    log = document.data.get("log") if isinstance(document.data, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        _refuse(document, "/log", "`log.entries` must be a list")
    for index, entry in enumerate(entries):
        read = _Entry(document, f"/log/entries/{index}", entry).capture(hosts)
        if read is not None:
            yield read


def _document(name: str, raw: bytes) -> Document:
    from bartizan.policy import json

    try:
        text = raw.decode("utf-8-sig")
        return Document(name, text, json.parse(text, name))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8"
        document = Document(name, "", {})
        _refuse(document, "", message, code="har.syntax")
    except Fault as fault:
        # The line may hold a secret, and so may a hint that is made of it.
        told = replace(fault.diagnostics[0], code="har.syntax", snippet="", hint="")
        raise Fault([told]) from None


def _refuse(document: Document, at: str, message: str, code: str = "har.entry") -> NoReturn:
    raise Fault([document.diagnostic(at, code=code, message=message, secret=True)])


class _Entry:
    """One entry, read strictly: what is there must have its type."""

    def __init__(self, document: Document, at: str, node: object) -> None:
        self._document = document
        self._at = at
        self._node = self._mapping(node, at)

    def capture(self, hosts: Collection[str]) -> Capture | None:
        at = f"{self._at}/request"
        request = self._mapping(self._node.get("request"), at)
        url = urlsplit(self._text(request, "url", at))
        if url.scheme not in ("http", "https") or (hosts and url.netloc not in hosts):
            return None
        fields = self._fields(request, at, _REQUEST_DROPPED)
        if "host" not in {name.lower() for name, _value in fields}:
            fields = (("host", url.netloc), *fields)
        return Capture(
            method=self._text(request, "method", at),
            target=(url.path or "/") + (f"?{url.query}" if url.query else ""),
            fields=(*fields, *self._cookies(request, at, fields)),
            body=self._body(request, at),
            time_ms=self._time_ms(),
            response=self._response(),
        )

    def _time_ms(self) -> int:
        from datetime import datetime

        written = self._text(self._node, "startedDateTime", self._at)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            self._refuse(f"{self._at}/startedDateTime", "`startedDateTime` is no ISO 8601 time")
        return max(int(moment.timestamp() * 1000), 0)

    def _fields(self, message: Node, at: str, dropped: frozenset[str]) -> Fields:
        """As sent; the pseudo-headers of HTTP/2 are told by method and URL."""
        pairs = self._pairs(message, "headers", at)
        return tuple(
            (name, value)
            for name, value in pairs
            if not name.startswith(":") and name.lower() not in dropped
        )

    def _cookies(self, request: Node, at: str, fields: Fields) -> Fields:
        """Some recorders list cookies beside the headers only."""
        if "cookies" not in request or any(name.lower() == "cookie" for name, _ in fields):
            return ()
        pairs = self._pairs(request, "cookies", at)
        return (("cookie", "; ".join(f"{name}={value}" for name, value in pairs)),) if pairs else ()

    def _body(self, request: Node, at: str) -> bytes:
        if request.get("postData") is None:
            return b""
        at = f"{at}/postData"
        data = self._mapping(request["postData"], at)
        if data.get("text") is not None:
            return self._bytes(data, at)
        if not data.get("params"):
            return b""
        kind = str(data.get("mimeType", "")).partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            self._refuse(f"{at}/params", "`params` without `text` can be sent as a form only")
        pairs = self._pairs(data, "params", at)
        return "&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in pairs).encode()

    def _response(self) -> Answered | None:
        at = f"{self._at}/response"
        if self._node.get("response") is None:
            return None
        response = self._mapping(self._node["response"], at)
        status = response.get("status")
        if not isinstance(status, int) or isinstance(status, bool):
            self._refuse(f"{at}/status", "`status` must be a number")
        content = self._mapping(response.get("content") or {}, f"{at}/content")
        size = content.get("size")
        is_kept = content.get("text") is not None
        is_cut = not is_kept and isinstance(size, int) and size > 0 and status not in _NO_BODY
        # 0: it was blocked or cut off. Without its body it cannot be judged either.
        if not 100 <= status <= 599 or (is_cut and self._has_body()):  # noqa: PLR2004 -- statuses
            return None
        fields = self._fields(response, at, _RESPONSE_DROPPED)
        body = self._bytes(content, f"{at}/content") if is_kept and self._has_body() else b""
        return Answered(status=status, fields=fields, body=body)

    def _has_body(self) -> bool:
        request = self._node["request"]
        return not (isinstance(request, dict) and request.get("method") == "HEAD")

    def _bytes(self, data: Node, at: str) -> bytes:
        text = self._text(data, "text", at)
        if data.get("encoding") != "base64":
            return text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            self._refuse(f"{at}/text", "`text` is not base64")

    def _pairs(self, holder: Node, word: str, at: str) -> list[tuple[str, str]]:
        listed = holder.get(word)
        if not isinstance(listed, list):
            self._refuse(f"{at}/{word}", f"`{word}` must be a list")
        pairs: list[tuple[str, str]] = []
        for index, one in enumerate(listed):
            place = f"{at}/{word}/{index}"
            node = self._mapping(one, place)
            value = node.get("value", "")
            if not isinstance(value, str):
                self._refuse(f"{place}/value", "`value` must be a text")
            pairs.append((self._text(node, "name", place), value))
        return pairs

    def _mapping(self, node: object, at: str) -> Node:
        if not isinstance(node, dict):
            self._refuse(at, f"`{at.rpartition('/')[2]}` must be an object")
        return node

    def _text(self, holder: Node, word: str, at: str) -> str:
        value = holder.get(word)
        if not isinstance(value, str):
            self._refuse(f"{at}/{word}", f"`{word}` must be a text")
        return value

    def _refuse(self, at: str, message: str) -> NoReturn:
        _refuse(self._document, at, message)
