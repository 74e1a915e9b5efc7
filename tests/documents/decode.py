"""The independent decoding of parameters: by style, from what goes over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

from tests.documents.spec import Parameter
from tests.documents.wire import Request

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def readings_of(text: str) -> Iterator[Any]:
    """What a text without quotes can mean."""
    if _NUMBER.fullmatch(text):
        number = json.loads(text)
        yield int(number) if isinstance(number, float) and number.is_integer() else number
    if text in ("true", "false"):
        yield text == "true"
    if text in ("", "null"):
        yield None
    yield text


def path_pattern(template: str, wanted: str = "") -> str:
    """What a path of the template looks like; the value of one parameter is its group `it`."""
    parts = re.split(r"(\{[^{}]+\})", template)
    return "".join(
        re.escape(part)
        if not part.startswith("{")
        else "(?P<it>[^/]*)"
        if part == f"{{{wanted}}}"
        else "[^/]*"
        for part in parts
    )


def raw_of(template: str, one: Parameter, request: Request) -> list[str]:
    """The raw texts that carry a parameter; for objects spread over a query, all of it."""
    if one.place == "path":
        found = re.fullmatch(path_pattern(template, one.name), request.path)
        return [found["it"]] if found else []
    if one.place == "query":
        pairs = [piece.partition("=") for piece in request.query.split("&") if piece]
        return [value for name, _, value in pairs if unquote_plus(name) == one.name]
    if one.place == "header":
        return [value for name, value in request.fields if name.lower() == one.name.lower()]
    crumbs = [c for name, value in request.fields if name == "cookie" for c in value.split("; ")]
    return [c.partition("=")[2] for c in crumbs if c.partition("=")[0] == one.name]


def plain(one: Parameter, text: str) -> str:
    if one.place == "query":
        return unquote_plus(text)
    return unquote(text) if one.place in ("path", "cookie") else text


def whole(one: Parameter, raw: list[str]) -> str:
    text = raw[0]
    if one.style == "label":
        return text.removeprefix(".")
    return text.removeprefix(f";{one.name}=") if one.style == "matrix" else text


def pieces_of(one: Parameter, raw: list[str]) -> list[str]:
    """The items of an array, still encoded."""
    text = raw[0]
    if one.style == "form" and one.explode:
        return raw
    if one.style == "label":
        return text.removeprefix(".").split("." if one.explode else ",")
    if one.style == "matrix":
        if one.explode:
            pairs = [piece.partition("=") for piece in text.split(";")[1:]]
            return [value for name, _, value in pairs if name == one.name]
        return text.removeprefix(f";{one.name}=").split(",")
    between = {"spaceDelimited": r"%20|\+", "pipeDelimited": r"\||%7[cC]", "tsv": "%09"}
    if one.explode and one.style in between:
        return raw
    return re.split(between.get(one.style, ","), text) if text else [text]


def pairs_of(
    one: Parameter, raw: list[str], request: Request, names: set[str]
) -> list[tuple[str, str]] | None:
    """Names and values of an object, decoded; None for what is none."""
    query = [piece.partition("=") for piece in request.query.split("&") if piece]
    if one.style == "deepObject":
        found = [(unquote_plus(name), unquote_plus(value)) for name, _, value in query]
        inner = [(name.removeprefix(f"{one.name}["), value) for name, value in found if name.startswith(f"{one.name}[")]  # fmt: skip # noqa: E501
        return [(name.removesuffix("]"), value) for name, value in inner]
    if one.style == "form" and one.explode and one.place == "query":
        found = [(unquote_plus(name), unquote_plus(value)) for name, _, value in query]
        return [(name, value) for name, value in found if name in names]
    if not raw:
        return []
    if one.explode:
        cut = {"label": ".", "matrix": ";"}.get(one.style, ",")
        pieces = [p for p in raw[0].split(cut) if p]
        if not all("=" in p for p in pieces):
            return None
        return [(plain(one, p.partition("=")[0]), plain(one, p.partition("=")[2])) for p in pieces]
    flat = [plain(one, text) for text in pieces_of(one, raw)]
    return None if len(flat) % 2 else list(zip(flat[::2], flat[1::2], strict=True))
