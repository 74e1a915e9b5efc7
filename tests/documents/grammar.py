"""What a document of one version may hold: its objects and their keywords, out of the meta-schema.

A keyword is a property of an object. What several parts of a meta-schema say of one object
(`allOf`, `then`, a `$ref` beside others) is one object here; what `oneOf` or `if` choose between
are several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema_specifications import REGISTRY

from tests.documents.packages import META_SCHEMAS, VOCABULARIES

Keyword = tuple[str, str]
"""Name of an object, and of one of its properties. The document itself is ``."""
Place = tuple[str | int, ...]

_2020 = "https://json-schema.org/draft/2020-12/"
_WORDS = re.compile(r"\^\(?(?:\?:)?((?:\\?[$\w]+\|)*\\?[$\w]+)\)?\$")
"""A pattern that does nothing but list names."""


@dataclass(slots=True)
class Object:
    """words: the schemas of each keyword; members: pattern and schema of what has any name."""

    name: str
    node: Any
    words: dict[str, list[Any]] = field(default_factory=dict)
    members: list[tuple[str, Any]] = field(default_factory=list)
    required: list[str] = field(default_factory=list)


class Grammar:
    """The objects of one version."""

    def __init__(self, version: str) -> None:
        """version: `2.0` to `3.2`; its meta-schema is fetched when it is not here.

        borrowed: objects of JSON Schema, which the meta-schema leaves open since 3.1.
        """
        self.version = version
        text = META_SCHEMAS[version].path().read_text(encoding="utf-8")
        self.meta: Any = json.loads(text, object_hook=_plain)
        self._defs: dict[str, Any] = dict(self.meta.get("definitions", self.meta.get("$defs", {})))
        self._objects: dict[int, Object] = {}
        self.borrowed = {"schema"}
        kind = Draft202012Validator if version in VOCABULARIES else Draft4Validator
        self.validator: Any = kind(self.meta)
        self._schema = self._json_schema() if version in VOCABULARIES else None
        self.root = next(self.targets(self.meta, ""))

    def _json_schema(self) -> Any:
        """The schema of schemas: JSON Schema 2020-12 and the words of OpenAPI."""
        own = json.loads(VOCABULARIES[self.version].path().read_text(encoding="utf-8"))
        whole: Any = Draft202012Validator.META_SCHEMA
        parts: list[Any] = [REGISTRY.contents(_2020 + one["$ref"]) for one in whole["allOf"]]
        for part in (*parts, own):
            for name, node in part.get("$defs", {}).items():
                self._defs.setdefault(name, node)
                self.borrowed.add(name)
        listed = [{"properties": one["properties"]} for one in (whole, *parts, own)]
        return {"type": "object", "allOf": listed}

    # ---- objects ----------------------------------------------------------------------------

    def objects(self) -> dict[str, Object]:
        """Every object that a document can hold, by name."""
        found: dict[str, Object] = {}
        waiting = [self.root]
        while waiting:
            one = waiting.pop()
            if one.name in found:
                continue
            found[one.name] = one
            inner = [
                (node, f"{one.name}.{word}") for word, nodes in one.words.items() for node in nodes
            ]
            inner += [(node, f"{one.name}.*") for _, node in one.members]
            for node, name in inner:
                waiting += self.targets(node, name)
        return found

    def keywords(self) -> set[Keyword]:
        """Every keyword of the version."""
        return {(name, word) for name, one in self.objects().items() for word in one.words}

    def targets(self, node: Any, name: str) -> Iterator[Object]:
        """The objects that a value of this schema can be, or hold as an item."""
        node, name = self.follow(node, name)
        if not isinstance(node, dict):
            return
        if self.is_object(node):
            yield self._object(node, name)
            return
        for word in ("oneOf", "anyOf", "allOf"):
            for one in node.get(word, []):
                yield from self.targets(one, name)
        for word in ("then", "else", "items"):
            if word in node:
                yield from self.targets(node[word], name)

    def follow(self, node: Any, name: str) -> tuple[Any, str]:
        """What a schema that is nothing but a `$ref` refers to, and its name."""
        while isinstance(node, dict):
            if not {"$dynamicRef", "$dynamicAnchor"}.isdisjoint(node) and self._schema is not None:
                return self._schema, "schema"
            ref = node.get("$ref")
            if not isinstance(ref, str) or _is_more_than_ref(node):
                break
            node, name = self._referred(ref)
        return node, name

    def _referred(self, ref: str) -> tuple[Any, str]:
        pointer = ref.partition("#")[2]
        steps = pointer.split("/")[1:]
        is_own = steps[0] in ("definitions", "$defs") and steps[1] in self._defs
        node: Any = self._defs if is_own else Draft4Validator.META_SCHEMA
        for step in steps[1:] if is_own else steps:
            node = node[step]
        return node, steps[-1]

    def is_object(self, node: Any) -> bool:
        """Whether a value of this schema is a mapping that is described here."""
        if node.get("type") == "object":
            return not _is_choice(node)
        return bool({"properties", "patternProperties"} & set(node))

    def _object(self, node: Any, name: str) -> Object:
        made = self._objects.get(id(node))
        if made is None:
            made = self._objects[id(node)] = Object(name, node)
            for part in self._parts(node):
                self._gather(made, part)
            if name == "reference":
                made.required.append("$ref")  # What takes it for one asks for it.
            made.required = [word for word in dict.fromkeys(made.required) if word in made.words]
        return made

    def _gather(self, made: Object, part: Any) -> None:
        for word, node in part.get("properties", {}).items():
            if node is not False:
                made.words.setdefault(word, []).append(node)
        for pattern, node in part.get("patternProperties", {}).items():
            listed = _WORDS.fullmatch(pattern)
            for word in listed[1].replace("\\", "").split("|") if listed else ():
                if isinstance(node, dict) and set(node) - {"$comment", "propertyNames"}:
                    made.words.setdefault(word, []).append(node)
            if not listed and not pattern.startswith("^x-") and node is not False:
                made.members.append((pattern, node))
        if isinstance(part.get("additionalProperties"), dict):
            made.members.append(("", part["additionalProperties"]))
        made.required += part.get("required", [])

    def _parts(self, node: Any, *, is_sure: bool = True) -> Iterator[Any]:
        """Every schema that looks at the same object."""
        node, _ = self.follow(node, "")
        if not isinstance(node, dict):
            return
        yield node if is_sure else {word: one for word, one in node.items() if word != "required"}
        if "$ref" in node:
            yield from self._parts(self._referred(node["$ref"])[0], is_sure=is_sure)
        for word in ("allOf", "oneOf", "anyOf"):
            for one in node.get(word, []):
                yield from self._parts(one, is_sure=is_sure and word == "allOf")
        for word in ("then", "else"):
            yield from self._parts(node.get(word), is_sure=False)
        for one in node.get("dependentSchemas", {}).values():
            yield from self._parts(one, is_sure=False)

    # ---- documents --------------------------------------------------------------------------

    def uses(self, document: Any) -> Iterator[tuple[Keyword, Place]]:
        """Every keyword that a document uses, and where. What a choice excludes is left out."""
        yield from self._uses(self.root, document, ())

    def _uses(self, one: Object, value: Any, place: Place) -> Iterator[tuple[Keyword, Place]]:
        for word, inner in value.items():
            at = (*place, word)
            if word in one.words:
                yield (one.name, word), at
            nodes = one.words.get(word) or [n for p, n in one.members if re.search(p, word)]
            for node in nodes:
                yield from self._below(
                    node, inner, at, f"{one.name}.{word if word in one.words else '*'}"
                )

    def _below(
        self, node: Any, value: Any, place: Place, name: str
    ) -> Iterator[tuple[Keyword, Place]]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._below(node, item, (*place, index), name)
        elif isinstance(value, dict):
            listed = list(self.targets(node, name))
            if any(one.name == "reference" for one in listed):
                listed = [one for one in listed if (one.name == "reference") is ("$ref" in value)]
            if len(listed) > 1:
                listed = [one for one in listed if self.fits(one, value)]
            for one in listed[:1]:
                yield from self._uses(one, value, place)

    def fits(self, one: Object, value: Any) -> bool:
        """Whether a value is such an object, as far as the meta-schema itself says."""
        if self._schema is not None and one.name in self.borrowed:
            return True
        return bool(self.validator.evolve(schema=one.node).is_valid(value))


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """The only dynamic reference, to any schema, as a plain one: looking it up takes long."""
    return {"$ref": "#/$defs/schema"} if node == {"$dynamicRef": "#meta"} else node


def _is_more_than_ref(node: dict[str, Any]) -> bool:
    return bool({"properties", "patternProperties", "type"} & set(node))


def _is_choice(node: dict[str, Any]) -> bool:
    says = {"properties", "patternProperties", "additionalProperties"} & set(node)
    return not says and bool({"oneOf", "anyOf", "if"} & set(node))


@cache
def grammar(version: str) -> Grammar:
    """The grammar of a version, made once."""
    return Grammar(version)
