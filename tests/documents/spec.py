"""A raw API document as the independent side sees it: plain dicts, nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Schema = Any
Made = TypeVar("Made")


class _Core(yaml.CSafeLoader):
    """YAML without dates, as the JSON data model wants it."""


_Core.yaml_implicit_resolvers = {
    first: [one for one in found if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class Memo(Generic[Made]):
    """What was made of a node of the document, once; `cycle` for one still being made."""

    def __init__(self, cycle: Callable[[], Made]) -> None:
        self._cycle = cycle
        self._kept: dict[int, tuple[Any, Made]] = {}
        self._open: set[int] = set()

    def get(self, node: Any, make: Callable[[], Made]) -> Made:
        """The value of the node, made by `make` when it is asked for first."""
        key = id(node)
        if key in self._kept:
            return self._kept[key][1]
        if key in self._open:
            return self._cycle()
        self._open.add(key)
        try:
            made = make()
        finally:
            self._open.discard(key)
        self._kept[key] = (node, made)  # The node is kept, so that no other gets its id.
        return made


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. content: its value is JSON."""

    name: str
    place: str
    required: bool
    style: str
    explode: bool
    schema: Schema
    content: bool = False


@dataclass(frozen=True, slots=True)
class RawOperation:
    """One operation as written. media: request body schemas by content type."""

    pointer: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    media: dict[str, Any] = field(default_factory=dict)
    body_required: bool = False


class Spec:
    """One document."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8-sig")
        self.raw: Any = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Core)  # noqa: S506 -- a safe loader
        self.version = str(self.raw.get("openapi", self.raw.get("swagger")))[:3]
        self._flat: Memo[dict[str, Any]] = Memo(dict)

    def follow(self, node: Any) -> Any:
        """The node behind any `$ref`s."""
        for _ in range(64):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            node = self.at(node["$ref"].removeprefix("#"))
        raise ValueError("a `$ref` that never ends")

    def at(self, pointer: str) -> Any:
        """The node at a JSON Pointer, which may be URI-encoded."""
        node = self.raw
        for step in unquote(pointer).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            node = node[int(name)] if isinstance(node, list) else node[name]
        return node

    def flat(self, schema: Schema) -> dict[str, Any]:
        """`allOf` as one, and the first branch of `oneOf` and `anyOf`: to make values by."""
        node = self.follow(schema)
        if not isinstance(node, dict):
            return {}
        return self._flat.get(node, lambda: self._flattened(node))

    def _flattened(self, node: dict[str, Any]) -> dict[str, Any]:
        own = {k: v for k, v in node.items() if k not in ("allOf", "oneOf", "anyOf")}
        branches = [*node.get("allOf", []), *node.get("oneOf", [])[:1], *node.get("anyOf", [])[:1]]
        for one in branches:
            inner = self.flat(one)
            properties = {**inner.get("properties", {}), **own.get("properties", {})}
            required = [*inner.get("required", []), *own.get("required", [])]
            own = {**inner, **own}
            if properties:
                own["properties"] = properties
            if required:
                own["required"] = list(dict.fromkeys(required))
        return own

    # ---- operations -----------------------------------------------------------------------

    def operations(self) -> Iterator[RawOperation]:
        """Every operation that the document declares."""
        for path, written in self.raw.get("paths", {}).items():
            if path.startswith("x-"):
                continue
            item = self.follow(written)
            for method in METHODS:
                if method in item and not (method == "trace" and self.version == "2.0"):
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Any) -> RawOperation:
        operation = item[method]
        escaped = path.replace("~", "~0").replace("/", "~1")
        named: dict[tuple[str, str], Any] = {}
        for one in [*item.get("parameters", []), *operation.get("parameters", [])]:
            found = self.follow(one)
            named[found["in"], found["name"]] = found
        pointer = f"/paths/{escaped}/{method}"
        if self.version == "2.0":
            return self._operation_2(pointer, method, path, operation, list(named.values()))
        body = self.follow(operation.get("requestBody", {}))
        return RawOperation(
            pointer,
            method.upper(),
            path,
            tuple(_parameter(one) for one in named.values() if not _ignored(one)),
            body.get("content", {}),
            body.get("required", False),
        )

    def _operation_2(
        self, pointer: str, method: str, path: str, operation: Any, found: list[Any]
    ) -> RawOperation:
        media: dict[str, Any] = {}
        required = False
        consumes = operation.get("consumes", self.raw.get("consumes", []))
        fields = [one for one in found if one["in"] == "formData"]
        for one in found:
            if one["in"] == "body":
                kinds = consumes or ["application/json", "*/*"]
                media = {kind: {"schema": one.get("schema", {})} for kind in kinds}
                required = one.get("required", False)
        if fields:
            schema = {
                "type": "object",
                "properties": {one["name"]: _schema_2(one) for one in fields},
                "required": [one["name"] for one in fields if one.get("required")],
            }
            forms = ["application/x-www-form-urlencoded", "multipart/form-data"]
            if any(one.get("type") == "file" for one in fields):
                forms = forms[1:]
            named = [kind for kind in consumes if kind in forms] or forms
            media = {kind: {"schema": schema} for kind in named}
            required = bool(schema["required"])
        others = [one for one in found if one["in"] not in ("body", "formData")]
        parameters = tuple(_parameter_2(one) for one in others if not _ignored(one))
        return RawOperation(pointer, method.upper(), path, parameters, media, required)


def _parameter(one: Any) -> Parameter:
    style = one.get("style", "form" if one["in"] in ("query", "cookie") else "simple")
    explode = one.get("explode", style == "form")
    required = one.get("required", False) or one["in"] == "path"
    if "content" in one:
        schema = next(iter(one["content"].values())).get("schema", {})
        return Parameter(one["name"], one["in"], required, style, explode, schema, content=True)
    return Parameter(one["name"], one["in"], required, style, explode, one.get("schema", {}))


def _ignored(one: Any) -> bool:
    """Header parameters that OpenAPI 3 ignores (3.1.1, "Parameter Object")."""
    ignored = ("accept", "authorization", "content-type")
    return one["in"] == "header" and one["name"].lower() in ignored


def _schema_2(one: Any) -> Any:
    taken = ("name", "in", "description", "required", "collectionFormat", "allowEmptyValue")
    return {key: value for key, value in one.items() if key not in taken}


def _parameter_2(one: Any) -> Parameter:
    formats = {"multi": ("form", True), "ssv": ("spaceDelimited", False), "tsv": ("tsv", False)}
    plain = ("form", False) if one["in"] == "query" else ("simple", False)
    if one.get("collectionFormat") == "pipes":
        plain = ("pipeDelimited", False)
    style, explode = formats.get(one.get("collectionFormat", "csv"), plain)
    required = one.get("required", False) or one["in"] == "path"
    return Parameter(one["name"], one["in"], required, style, explode, _schema_2(one))
