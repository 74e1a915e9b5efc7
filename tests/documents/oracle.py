"""The independent verdict on a Request: which operation it means, and whether that allows it.

It reads the Request as it goes over the wire and knows nothing of Bartizan's form or code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from tests.documents.decode import (
    pairs_of,
    path_pattern,
    pieces_of,
    plain,
    raw_of,
    readings_of,
    whole,
)
from tests.documents.schemas import Schemas
from tests.documents.spec import Parameter, RawOperation, Schema, Spec
from tests.documents.wire import Request

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Placed:
    """An operation at one place. id: as Bartizan names it; template: with the base path."""

    raw: RawOperation
    id: str
    template: str


class Oracle:
    """Judges Requests of one document."""

    def __init__(self, spec: Spec, placed: list[Placed]) -> None:
        self._schemas = Schemas(spec)
        self._by_shape: dict[tuple[str, int], list[tuple[re.Pattern[str], Placed]]] = {}
        for one in placed:
            key = (one.raw.method, one.template.count("/"))
            pattern = re.compile(path_pattern(one.template))
            self._by_shape.setdefault(key, []).append((pattern, one))

    def meant(self, request: Request) -> Placed | None:
        """The operation that the Request means: concrete paths come before templated ones."""
        key = (request.method, request.path.count("/"))
        found = [p for pattern, p in self._by_shape.get(key, []) if pattern.fullmatch(request.path)]
        return max(found, key=lambda one: _concrete(one.template), default=None)

    def against(self, one: Placed, request: Request) -> list[str]:
        """What the document holds against the Request; empty = allowed."""
        found = [
            f"{parameter.place} {parameter.name}"
            for parameter in one.raw.parameters
            if not self._allows_parameter(one, parameter, request)
        ]
        return found + list(self._against_body(one.raw, request))

    # ---- parameters -----------------------------------------------------------------------

    def _allows_parameter(self, placed: Placed, one: Parameter, request: Request) -> bool:
        raw = raw_of(placed.template, one, request)
        readings = list(self._readings(one, raw, request))
        if not readings:
            return not one.required
        return any(self._schemas.fits(one.schema, value) for value in readings)

    def _readings(self, one: Parameter, raw: list[str], request: Request) -> Iterator[Any]:
        """Every value that the parameter can mean."""
        if one.content:
            yield from (json.loads(unquote_plus(text)) for text in raw)
            return
        kinds = self._schemas.types(one.schema)
        if "object" in kinds:
            pairs = pairs_of(one, raw, request, set(self._schemas.properties(one.schema)))
            if pairs:
                yield self._object(one.schema, pairs)
            elif pairs is None and raw:
                yield raw[0]  # No object at all: as a text it fits no object.
        if "array" in kinds and raw:
            items = [plain(one, text) for text in pieces_of(one, raw)]
            if items:
                yield [self._scalar(self._schemas.items(one.schema), text) for text in items]
        if raw and (not kinds or kinds - {"array", "object"}):
            yield from readings_of(plain(one, whole(one, raw)))

    def _scalar(self, schema: Schema, text: str) -> Any:
        readings = list(readings_of(text))
        fitting = (value for value in readings if self._schemas.fits(schema, value))
        return next(fitting, readings[0])

    def _object(self, schema: Schema, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        own = self._schemas.properties(schema)
        return {name: self._scalar(own.get(name, {}), text) for name, text in pairs}

    # ---- the body -------------------------------------------------------------------------

    def _against_body(self, operation: RawOperation, request: Request) -> Iterator[str]:
        if request.body is None:
            if operation.body_required:
                yield "body missing"
            return
        kind = request.content_type.partition(";")[0].strip().lower()
        media = _closest(operation.media, kind)
        if media is None:
            yield f"content type {kind}"
            return
        schema = media.get("schema")
        if schema is None:
            return
        value = self._body(schema, kind, request)
        if value is not _UNREAD and not self._schemas.fits(schema, value):
            yield f"body: {self._schemas.why(schema, value)}"

    def _body(self, schema: Schema, kind: str, request: Request) -> Any:
        raw = request.body or b""
        if kind == "application/json" or kind.endswith("+json"):
            return json.loads(raw)
        if kind == _FORM:
            return self._form(schema, raw.decode())
        if kind == "multipart/form-data":
            return self._parts(schema, request)
        return raw.decode() if kind.startswith("text/") else _UNREAD

    def _form(self, schema: Schema, text: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self._put(made, schema, name, value)
        return made

    def _parts(self, schema: Schema, request: Request) -> dict[str, Any]:
        head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
        message = message_from_bytes(head + (request.body or b""), policy=policy.HTTP)
        made: dict[str, Any] = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            raw: Any = part.get_payload(decode=True)
            text = raw.decode()
            if part.get_content_type() == "application/json":
                made[name] = json.loads(text)
            else:
                self._put(made, schema, name, text)
        return made

    def _put(self, made: dict[str, Any], schema: Schema, name: str, text: str) -> None:
        """One field of a form: fields of a name that is an array gather."""
        own = self._schemas.properties(schema).get(name, {})
        if "array" in self._schemas.types(own):
            item = self._scalar(self._schemas.items(own), text)
            made.setdefault(name, []).append(item)
        else:
            made[name] = self._scalar(own, text)


_UNREAD = object()
"""A body that nobody reads: bytes."""


def _closest(declared: dict[str, Any], kind: str) -> Any:
    """The media type object whose name fits best."""
    ranges = {name.partition(";")[0].strip().lower(): media for name, media in declared.items()}
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return None


def _concrete(template: str) -> list[tuple[bool, int]]:
    """Greater for a template that says more with its literals, from the left."""
    return [("{" not in step, len(re.sub(r"\{[^{}]*\}", "", step))) for step in template.split("/")]
