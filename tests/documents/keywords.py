"""Documents made from the meta-schema of a version: seeded, valid, keywords not yet used first.

A keyword is a property of an object of the meta-schema. What an object may hold is gathered from
all that applies to it; what a choice breaks is found by the meta-schema itself, and made anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema

from tests.documents.vocabulary import KEYWORDS, MEDIA, REFERENCES, TEXTS, word_for

DEPTH_MAX = 9
OBJECTS_MAX = 250
"""Objects of one document; below them only what is required."""
TRIES = 12
Keyword = tuple[str, str]
"""Object of the meta-schema, and one of its properties."""


@dataclass(frozen=True, slots=True)
class Use:
    """A keyword at one place of a document. is_required: the object must hold it."""

    keyword: Keyword
    place: tuple[str | int, ...]
    is_required: bool


class Maker:
    """Makes documents of one version."""

    def __init__(self, meta: dict[str, Any], version: str) -> None:
        self._meta = meta
        self._version = version
        self._is_new = version >= "3.1"
        kind = jsonschema.Draft202012Validator if self._is_new else jsonschema.Draft4Validator
        self._validator: Any = kind(meta)
        self._random = random.Random(0)
        self._count = 0
        self._left = 0
        self.met: set[Keyword] = set()

    def document(self, seed: str) -> tuple[Any, list[Use]]:
        """One document that fits the meta-schema, and the keywords that it uses."""
        self._random = random.Random(seed)
        while True:
            self._left = OBJECTS_MAX
            document, uses = self._make(self._meta, (), "", 0)
            if self._validator.is_valid(document):
                self.met |= {one.keyword for one in uses}
                return document, uses

    # ---- one value ------------------------------------------------------------------------

    def _follow(self, node: Any, name: str) -> tuple[Any, str]:
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if "properties" in node or "type" in node:
                break  # From 3.1 on, `$ref` stands beside others.
            root, _, pointer = node["$ref"].partition("#")
            steps = pointer.split("/")[1:]
            draft = jsonschema.Draft4Validator.META_SCHEMA
            is_draft = root or steps[-1] in draft["definitions"]
            node = draft if is_draft else self._meta
            for step in steps:
                node, name = node[step], step
        return node, name

    def _make(
        self, node: Any, place: tuple[str | int, ...], name: str, depth: int
    ) -> tuple[Any, list[Use]]:
        node, name = self._follow(node, name)
        if node is True or node == {}:
            return "any", []
        if "$dynamicRef" in node or node.get("$dynamicAnchor") == "meta":
            return self._schema(place, depth)
        if "const" in node or "enum" in node:
            return self._random.choice(node.get("enum", [node.get("const")])), []
        for word in ("oneOf", "anyOf"):
            if word in node and not _has_properties(node):
                is_deep = depth >= DEPTH_MAX or self._left < 0
                choices = node[word][-1:] if is_deep else node[word]
                one, inner = self._follow(self._random.choice(choices), name)
                if "required" in node:
                    one = {**one, "required": [*node["required"], *one.get("required", [])]}
                return self._make(one, place, inner, depth)
        if "else" in node and "properties" not in node:
            word = "then" if self._random.random() < 0.2 else "else"
            return self._make(node[word], place, name, depth)
        if name.startswith("positiveInteger"):
            return 1, []
        if "allOf" in node and not _has_properties(node) and "type" not in node:
            return self._make(node["allOf"][0], place, name, depth)
        if word_of(node) == "object":
            return self._object(node, place, name, depth)
        if word_of(node) == "array":
            made, uses = self._make(node.get("items", {}), (*place, 0), name, depth + 1)
            return [made], uses
        return self._scalar(node, place), []

    def _scalar(self, node: Any, place: tuple[str | int, ...]) -> Any:
        kind = word_of(node)
        if kind in ("integer", "number"):
            return 1
        if kind == "boolean":
            return self._random.random() < 0.7
        if kind == "null":
            return None
        if "pattern" in node:
            return word_for(node["pattern"]) or "a"
        word = str(place[-1]) if place else ""
        if word == "operationId":
            self._count += 1
            return f"operation{self._count}"
        return TEXTS.get(word) or TEXTS.get(node.get("format", ""), "a")

    # ---- objects --------------------------------------------------------------------------

    def _object(
        self, node: Any, place: tuple[str | int, ...], name: str, depth: int
    ) -> tuple[Any, list[Use]]:
        parts = list(self._parts(node))
        own: dict[str, list[Any]] = {}
        for part in parts:
            for word, inner in part.get("properties", {}).items():
                if inner is not False:
                    own.setdefault(word, []).append(inner)
        required = [word for word in node.get("required", []) if word in own]
        made: Any = {}
        uses: list[Use] = []
        for number in range(TRIES):
            self._left -= 1
            below = DEPTH_MAX if self._left < 0 or number + 1 == TRIES else depth
            made, uses = self._try(parts, own, required, place, name, below)
            if self._left < 0 or self._validator.evolve(schema=node).is_valid(made):
                break
        return made, uses

    def _try(
        self,
        parts: list[Any],
        own: dict[str, list[Any]],
        required: list[str],
        place: tuple[str | int, ...],
        name: str,
        depth: int,
    ) -> tuple[Any, list[Use]]:
        made: dict[str, Any] = {}
        uses: list[Use] = []
        for word in self._chosen(own, required, name, depth):
            inner = self._random.choice(own[word])
            at = (*place, word)
            if word == "$ref":
                made[word] = self._reference(name)
            else:
                made[word], below = self._make(inner, at, f"{name}.{word}", depth + 1)
                uses += below
            uses.append(Use((name, word), at, word in required))
        for word, inner in self._others(parts, name, depth):
            if word == "$ref":
                made[word], below = self._reference(name), []
            else:
                made[word], below = self._make(inner, (*place, word), name, depth + 1)
            uses += below
        return made, uses

    def _chosen(
        self, own: dict[str, list[Any]], required: list[str], name: str, depth: int
    ) -> list[str]:
        """What is required, some that no document has used so far, and some more."""
        if depth >= DEPTH_MAX:
            return required
        fresh = [word for word in own if (name, word) not in self.met]
        some = self._random.sample(fresh, min(len(fresh), self._random.randint(1, 4)))
        more = self._random.sample(list(own), min(len(own), self._random.randint(0, 3)))
        always = [word for word in ("paths", "components", "get", "schema") if word in own]
        likely = [word for word in always if self._random.random() < 0.7]
        return list(dict.fromkeys([*required, *some, *more, *likely]))

    def _others(self, parts: list[Any], name: str, depth: int) -> Iterator[tuple[str, Any]]:
        """Members by pattern, and those that any name may have."""
        for part in parts:
            for pattern, inner in part.get("patternProperties", {}).items():
                word = word_for(pattern)
                if word and (word != "x-note" or self._random.random() < 0.1):
                    yield word, inner
            more = part.get("additionalProperties")
            if isinstance(more, dict) and depth < DEPTH_MAX:
                yield self._random.choice(MEDIA) if name.endswith("content") else "x", more

    def _reference(self, name: str) -> str:
        """A `$ref` to a component that documents often have; it may lead nowhere."""
        kind = name.removesuffix("-or-reference").partition(".")[0]
        kinds = REFERENCES[self._version >= "3.0"]
        return kinds.get(kind) or self._random.choice(sorted(kinds.values()))

    def _parts(self, node: Any) -> Iterator[Any]:
        """Every schema that looks at the same object."""
        node, _ = self._follow(node, "")
        if not isinstance(node, dict):
            return
        yield node
        if "$ref" in node:
            yield from self._parts({"$ref": node["$ref"]})
        for word in ("allOf", "oneOf", "anyOf"):
            for one in node.get(word, []):
                yield from self._parts(one)
        for word in ("then", "else"):
            yield from self._parts(node.get(word))
        for one in node.get("dependentSchemas", {}).values():
            yield from self._parts(one)

    # ---- schemas of JSON Schema 2020-12 ---------------------------------------------------

    def _schema(self, place: tuple[str | int, ...], depth: int) -> tuple[Any, list[Use]]:
        """A schema with some keywords, which the meta-schema of OpenAPI leaves to JSON Schema."""
        fresh = [word for word in KEYWORDS if ("schema", word) not in self.met]
        pool = fresh if fresh and self._random.random() < 0.8 else list(KEYWORDS)
        words = self._random.sample(pool, min(len(pool), 1 if depth > DEPTH_MAX else 2))
        made = {word: KEYWORDS[word] for word in words}
        return made, [Use(("schema", word), (*place, word), is_required=False) for word in words]


def _has_properties(node: Any) -> bool:
    return "properties" in node or "patternProperties" in node


def word_of(node: Any) -> str:
    """The type of what fits."""
    kind = node.get("type")
    if isinstance(kind, list):
        return str(kind[0])
    if kind is not None:
        return str(kind)
    if _has_properties(node) or "additionalProperties" in node:
        return "object"
    return "string"
