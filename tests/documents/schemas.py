"""The independent judgement of values: `jsonschema` over schemas as the document has them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import jsonschema
from jsonschema import validators
from referencing import Registry, Specification

from tests.documents.spec import Memo, Schema, Spec

DOCUMENT = "urn:document"
_BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}


def checker() -> jsonschema.FormatChecker:
    """The formats that every API document means the same by."""
    formats = jsonschema.FormatChecker(())
    formats.checkers.update(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)
    for name, bits in _BITS.items():
        limit = 1 << (bits - 1)
        formats.checks(name)(
            lambda value, limit=limit: not _is_whole(value) or -limit <= value < limit
        )
    formats.checks("byte")(_is_base64)
    return formats


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


class Schemas:
    """Judges values by the schemas of one document."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        is_new = spec.version >= "3.1"
        base = jsonschema.Draft202012Validator if is_new else jsonschema.Draft4Validator
        own: dict[str, Any] = {"required": self._required, "properties": self._properties(base)}
        if not is_new:
            own["type"] = _nullable_type
        extend: Any = validators.extend
        self._class = extend(base, own)
        resource = Specification.OPAQUE.create_resource(spec.raw)
        self._registry: Any = Registry().with_resource(DOCUMENT, resource)
        self._formats = checker()
        self._validators: Memo[Any] = Memo(dict)
        self._types: Memo[frozenset[str]] = Memo(frozenset)
        self._parts: Memo[dict[str, Any]] = Memo(dict)

    def fits(self, schema: Schema, value: Any) -> bool:
        """Whether a value that a Request sends fits."""
        return bool(self._validator(schema).is_valid(value))

    def why(self, schema: Schema, value: Any) -> str:
        """What the validator says against the value, for people."""
        return "; ".join(
            error.message[:120] for error in self._validator(schema).iter_errors(value)
        )

    def _validator(self, schema: Schema) -> Any:
        return self._validators.get(schema, lambda: self._made(schema))

    def _made(self, schema: Schema) -> Any:
        based = _rebased(schema)
        return self._class(based, registry=self._registry, format_checker=self._formats)

    # ---- readOnly -------------------------------------------------------------------------

    def _required(self, validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[Any]:
        """readOnly properties need not be in a Request, whatever `required` says."""
        if not validator.is_type(instance, "object"):
            return
        for name in names if isinstance(names, list) else []:
            own = schema.get("properties", {}).get(name, {})
            if name not in instance and not self._is_read_only(own):
                yield jsonschema.ValidationError(f"{name} is required")

    def _properties(self, base: Any) -> Any:
        usual = base.VALIDATORS["properties"]

        def properties(validator: Any, own: Any, instance: Any, schema: Any) -> Iterator[Any]:
            if validator.is_type(instance, "object"):
                for name in own:
                    if name in instance and self._is_read_only(own[name]):
                        yield jsonschema.ValidationError(f"{name} is readOnly")
            yield from usual(validator, own, instance, schema)

        return properties

    def _is_read_only(self, schema: Any) -> bool:
        if not isinstance(schema, dict):
            return False
        if isinstance(schema.get("$ref"), str):
            if self._spec.version >= "3.1" and schema.get("readOnly") is True:
                return True
            pointer = schema["$ref"].removeprefix(DOCUMENT).removeprefix("#")
            return self._is_read_only(self._spec.at(pointer))
        return schema.get("readOnly") is True

    # ---- what a schema says, for reading texts ------------------------------------------------

    def types(self, schema: Schema) -> frozenset[str]:
        """The types that a schema names, in any branch."""
        node = self._spec.follow(schema)
        if not isinstance(node, dict):
            return frozenset()
        return self._types.get(node, lambda: self._named(node))

    def _named(self, node: dict[str, Any]) -> frozenset[str]:
        named = node.get("type", [])
        found = set(named if isinstance(named, list) else [named])
        if not found and "properties" in node:
            found.add("object")
        if node.get("nullable") is True and found:
            found.add("null")
        for one in _branches(node):
            found |= self.types(one)
        return frozenset(found)

    def properties(self, schema: Schema) -> dict[str, Any]:
        """The properties of an object, in any branch."""
        return dict(self._part(schema).get("properties", {}))

    def items(self, schema: Schema) -> Schema:
        """The schema of the items of an array, in the first branch that has one."""
        return self._part(schema).get("items") or {}

    def _part(self, schema: Schema) -> dict[str, Any]:
        node = self._spec.follow(schema)
        if not isinstance(node, dict):
            return {}
        return self._parts.get(node, lambda: self._gathered(node))

    def _gathered(self, node: dict[str, Any]) -> dict[str, Any]:
        made = {"properties": dict(node.get("properties", {})), "items": node.get("items")}
        for one in _branches(node):
            inner = self._part(one)
            made["properties"] |= inner.get("properties", {})
            made["items"] = made["items"] or inner.get("items")
        return made


def _branches(node: dict[str, Any]) -> Iterator[Any]:
    for word in ("allOf", "anyOf", "oneOf"):
        yield from node.get(word, [])


def _rebased(schema: Schema) -> Any:
    """Local references of a schema lifted out of its document name the document."""
    if isinstance(schema, dict):
        return {
            key: f"{DOCUMENT}{value}"
            if key == "$ref" and isinstance(value, str) and value.startswith("#")
            else _rebased(value)
            for key, value in schema.items()
        }
    return [_rebased(one) for one in schema] if isinstance(schema, list) else schema


def _nullable_type(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """`type` of OpenAPI 2.0 and 3.0: `nullable` beside it, `file` in forms."""
    if instance is None and schema.get("nullable") is True:
        return
    listed = [types] if isinstance(types, str) else types
    named = ["string" if one == "file" else one for one in listed]
    if not any(validator.is_type(instance, one) for one in named):
        yield jsonschema.ValidationError(f"not of type {types}")
