"""A Request of the generator, and its way onto the wire."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.documents.spec import Parameter

BOUNDARY = "part-of-the-generated-body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One Request, as it goes over the wire."""

    method: str
    path: str
    query: str
    fields: tuple[tuple[str, str], ...]
    content_type: str = ""
    body: bytes | None = None

    def capture(self) -> bytes:
        """As replay reads it."""
        fields = [["host", "api.test"], *map(list, self.fields)]
        target = f"{self.path}?{self.query}" if self.query else self.path
        request: dict[str, Any] = {"method": self.method, "target": target, "fields": fields}
        if self.body is not None:
            fields.append(["content-type", self.content_type])
            request["body"] = {"base64": base64.b64encode(self.body).decode()}
        return json.dumps({"request": request}).encode()


def text_of(value: Any) -> str:
    """A value without quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def put(one: Parameter, value: Any, sent: Sent) -> None:
    """One parameter, by its style."""
    if one.place == "path":
        sent.path[one.name] = _styled(one, value, _segment)
    elif one.place == "query":
        sent.query += _queried(one, value)
    elif one.place == "header":
        sent.fields.append((one.name, _styled(one, value, str)))
    else:
        sent.cookies.append(f"{one.name}={_styled(one, value, _segment)}")


class Sent:
    """What the parameters come to."""

    def __init__(self) -> None:
        self.path: dict[str, str] = {}
        self.query: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.cookies: list[str] = []


def _segment(text: str) -> str:
    return quote(text, safe="")


def _styled(one: Parameter, value: Any, code: Any) -> str:
    if one.content:
        return str(code(json.dumps(value)))
    before, cut = {"label": (".", "."), "matrix": (f";{one.name}=", ";")}.get(one.style, ("", ","))
    if isinstance(value, list):
        items = [code(text_of(each)) for each in value]
        if one.style == "matrix" and one.explode:
            return "".join(f";{one.name}={each}" for each in items)
        return before + (cut if one.explode and one.style == "label" else ",").join(items)
    if isinstance(value, dict):
        pairs = [(code(name), code(text_of(each))) for name, each in value.items()]
        if one.explode:
            lead = ";" if one.style == "matrix" else before
            return lead + cut.join(f"{name}={each}" for name, each in pairs)
        return before + ",".join(f"{name},{each}" for name, each in pairs)
    return before + str(code(text_of(value)))


def _queried(one: Parameter, value: Any) -> list[str]:
    name = _segment(one.name)
    if one.content:
        return [f"{name}={_segment(json.dumps(value))}"]
    cut = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tsv": "%09"}.get(one.style, ",")
    if isinstance(value, list):
        items = [_segment(text_of(each)) for each in value]
        if one.explode:
            return [f"{name}={each}" for each in items]
        return [f"{name}={cut.join(items)}"] if items else []
    if isinstance(value, dict):
        if one.style == "deepObject":
            return [f"{name}[{_segment(k)}]={_segment(text_of(v))}" for k, v in value.items()]
        if one.explode:
            return [f"{_segment(k)}={_segment(text_of(v))}" for k, v in value.items()]
        flat = [_segment(text_of(each)) for pair in value.items() for each in pair]
        return [f"{name}={cut.join(flat)}"]
    return [f"{name}={_segment(text_of(value))}"]


def body_of(media: str, value: Any) -> tuple[str, bytes]:
    """Content type and bytes of a body."""
    kind = media.partition(";")[0]
    if kind == "application/x-www-form-urlencoded" and isinstance(value, dict):
        pairs = [(name, text_of(each)) for name, each in _fields(value)]
        return media, urlencode(pairs).encode()
    if kind == "multipart/form-data":
        named = value if isinstance(value, dict) else {"file": value}
        lines = [_part(name, each) for name, each in _fields(named)]
        whole = b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])
        return f"multipart/form-data; boundary={BOUNDARY}", whole
    if kind == "application/json" or kind.endswith("+json"):
        return media, json.dumps(value).encode()
    if "*" in kind:
        return "application/json", json.dumps(value).encode()
    return media, text_of(value).encode()


def _fields(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values of a form; those of an array come one by one."""
    for name, one in value.items():
        for each in one if isinstance(one, list) else [one]:
            yield name, each


def _part(name: str, value: Any) -> bytes:
    kind = "Content-Type: application/json\r\n" if isinstance(value, dict) else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n{kind}\r\n'
    return f"{head}{text_of(value)}\r\n".encode()
