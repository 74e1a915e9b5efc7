"""Values that break what a schema says: one for each keyword on the way, from one that fits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tests.documents.instances import Instances, bounds
from tests.documents.spec import Schema, Spec

DEPTH_MAX = 3
CHILDREN_MAX = 6
WRONG: tuple[Any, ...] = ("\u00a7 wrong", 12.5, {"wrong": 1}, [[1]], None, True)


class Mutations:
    """Makes broken values for the schemas of one document."""

    def __init__(self, spec: Spec, instances: Instances) -> None:
        self._spec = spec
        self._instances = instances

    def broken(self, schema: Schema, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
        """(keyword, whole value) for each keyword that the schema has on the way; lazy."""
        node = self._spec.flat(schema)
        yield from self._here(node, value, depth)
        if depth >= DEPTH_MAX:
            return
        if isinstance(value, dict):
            for name in list(value)[:CHILDREN_MAX]:
                inner = node.get("properties", {}).get(name)
                if inner is not None:
                    for word, one in self.broken(inner, value[name], depth + 1):
                        yield word, {**value, name: one}
        if isinstance(value, list) and value and "items" in node:
            for word, one in self.broken(node["items"], value[0], depth + 1):
                yield word, [one, *value[1:]]

    def _here(self, node: dict[str, Any], value: Any, depth: int) -> Iterator[tuple[str, Any]]:
        # At the top every other type; below, one that differs from place to place.
        start = (depth + len(node)) % len(WRONG)
        others = [one for one in (*WRONG[start:], *WRONG[:start]) if type(one) is not type(value)]
        for wrong in others if depth == 0 else others[:1]:
            yield "type", wrong
        if "enum" in node or "const" in node:
            yield "enum", "\u00a7 none of them" if isinstance(value, str) else 987_654
        if isinstance(value, str):
            yield from _text(node, value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield from _number(node)
        elif isinstance(value, list):
            yield from _list(node, value)
        elif isinstance(value, dict):
            yield from self._mapping(node, value)

    def _mapping(self, node: dict[str, Any], value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name in [one for one in node.get("required", []) if one in value][:3]:
            yield "required", {k: v for k, v in value.items() if k != name}
        yield "additionalProperties", {**value, "zz_undeclared": 1}
        for name, inner in node.get("properties", {}).items():
            if self._spec.flat(inner).get("readOnly") is True:
                yield "readOnly", {**value, name: self._instances.valid(inner, DEPTH_MAX)}
                break


def _list(node: dict[str, Any], value: list[Any]) -> Iterator[tuple[str, Any]]:
    if node.get("minItems"):
        yield "minItems", value[: node["minItems"] - 1]
    if node.get("maxItems", 10**6) < 300 and value:
        yield "maxItems", [copy.deepcopy(value[0]) for _ in range(node["maxItems"] + 1)]
    if node.get("uniqueItems") and value:
        yield "uniqueItems", [value[0], value[0]]


def _text(node: dict[str, Any], value: str) -> Iterator[tuple[str, Any]]:
    if node.get("minLength"):
        yield "minLength", "a" * (node["minLength"] - 1)
    if node.get("maxLength", 10**6) <= 2_000 and "pattern" not in node:
        yield "maxLength", value + "a" * (node["maxLength"] + 1 - len(value))
    if "pattern" in node:
        yield "pattern", "\u00a7 \u00a7"
    if "format" in node:
        yield "format", "\u00a7 not one"


def _number(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    low, high = bounds(node, 0)
    if low is not None:
        yield "minimum", low - 1
    if high is not None and high < 2**52:
        yield "maximum", high + 1
    if node.get("format") == "int32":
        yield "format", 2**31
    if node.get("multipleOf", 1) > 1:
        yield "multipleOf", node["multipleOf"] + 1
