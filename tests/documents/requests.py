"""The Requests of one operation: some that should fit, and one for each thing that can be wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.documents.instances import Instances
from tests.documents.mutations import Mutations
from tests.documents.spec import Parameter, RawOperation, Spec
from tests.documents.wire import Request, Sent, body_of, put

BROKEN_MAX = 60
"""At most so many broken values of one parameter or body are looked at."""

Values = dict[tuple[str, str], Any]


class Maker:
    """Makes the Requests of one document."""

    def __init__(self, spec: Spec) -> None:
        self.instances = Instances(spec)
        self.mutations = Mutations(spec, self.instances)

    def some(
        self, operation: RawOperation, template: str, seed: str, limit: int
    ) -> list[tuple[str, Request]]:
        """(what was done, Request): at most `limit`, the ones that should fit always among them.

        The same ones for the same seed.
        """
        self.instances.seed(f"{seed} {template} {operation.method}")
        own = _Requests(self, operation, template)
        good = list(own.good())
        rest = list(own.bad()) if limit > len(good) else []
        random.Random(f"{seed} {template}").shuffle(rest)
        return good + rest[: max(0, limit - len(good))]


class _Requests:
    def __init__(self, maker: Maker, operation: RawOperation, template: str) -> None:
        self._maker = maker
        self._operation = operation
        self._template = template
        self._media = next(iter(sorted(operation.media, key=_liked)), "")

    def good(self) -> Iterator[tuple[str, Request]]:
        least = self._values([one for one in self._operation.parameters if one.required])
        takes_body = self._media and self._operation.body_required
        body = self._maker.instances.least(self._schema()) if takes_body else None
        yield "valid: least", self._request(least, body)
        if len(least) < len(self._operation.parameters) or self._media:
            body = self._body() if self._media else None
            yield "valid: all", self._request(self._values(self._operation.parameters), body)

    def bad(self) -> Iterator[tuple[str, Request]]:
        whole = self._values(self._operation.parameters)
        body = self._body() if self._media else None
        for one in self._operation.parameters:
            key = (one.place, one.name)
            if one.required and one.place != "path":
                yield f"{one.place} missing", self._request(_without(whole, key), body)
            broken = self._maker.mutations.broken(one.schema, whole[key])
            for word, value in islice(broken, BROKEN_MAX):
                if _can_be_sent(one, value):
                    yield f"{one.place} {word}", self._request({**whole, key: value}, body)
        if not self._media:
            return
        if self._operation.body_required:
            yield "body missing", self._request(whole, None)
        yield "content type", self._request(whole, body, media="application/x-unheard-of")
        broken = self._maker.mutations.broken(self._schema(), body)
        for word, value in islice(broken, BROKEN_MAX):
            if _can_be_a_body(self._media, value):
                yield f"body {word}", self._request(whole, value)

    def _values(self, parameters: Any) -> Values:
        valid = self._maker.instances.valid
        return {(one.place, one.name): valid(one.schema) for one in parameters}

    def _schema(self) -> Any:
        return self._operation.media[self._media].get("schema", {})

    def _body(self) -> Any:
        return self._maker.instances.valid(self._schema())

    def _request(self, values: Values, body: Any, media: str = "") -> Request:
        sent = Sent()
        for one in self._operation.parameters:
            if (one.place, one.name) in values:
                put(one, values[one.place, one.name], sent)
        path = self._template
        for name, text in sent.path.items():
            path = path.replace(f"{{{name}}}", text)
        path = re.sub(r"\{[^{}]*\}", "abc", path)  # A name that no parameter declares.
        fields = list(sent.fields)
        if sent.cookies:
            fields.append(("cookie", "; ".join(sent.cookies)))
        content_type, raw = ("", None) if body is None else body_of(self._media, body)
        return Request(
            method=self._operation.method,
            path=path,
            query="&".join(sent.query),
            fields=tuple(fields),
            content_type="" if raw is None else media or content_type,
            body=raw,
        )


def _liked(media: str) -> tuple[bool, str]:
    """JSON first: it can say everything."""
    return ("json" not in media and "*" not in media, media)


def _without(values: Values, key: tuple[str, str]) -> Values:
    return {name: value for name, value in values.items() if name != key}


def _can_be_sent(one: Parameter, value: Any) -> bool:
    """Whether a parameter can carry the value, so that what arrives is what was meant."""
    if one.content:
        return one.place != "header" or str(value).isascii()
    if any(isinstance(each, list | dict | None) for each in _flat(value)) or value in ([], {}):
        return False
    if one.place == "path" and (value == "" or str(value) in (".", "..")):
        return False
    return one.place not in ("header", "cookie") or all(str(e).isascii() for e in _flat(value))


def _can_be_a_body(media: str, value: Any) -> bool:
    if "json" in media or "*" in media:
        return value is not None
    if not isinstance(value, dict):
        return False
    flat = [each for one in value.values() for each in _flat(one)]
    return not any(isinstance(each, list | dict) for each in flat)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else [value]
