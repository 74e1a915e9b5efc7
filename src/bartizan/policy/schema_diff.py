"""What changed between two schemas of a Policy, keyword by keyword, and which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bartizan.policy.sources.keys import key_of_uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Effect = Literal["looser", "other", "tighter"]
Node = dict[str, object]
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_INNER = ("items", "not", "contains", "propertyNames", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_OWN = {"properties", "required", "enum", "type", "additionalProperties", *_LEAST, *_MOST, *_INNER}


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change. pointer: of the value, as `/items/*/price`; words: what, without the effect."""

    pointer: str
    words: str
    effect: Effect


class SchemaDiff:
    """Compares schemas of two forms. Cost: O(nodes); cycles are walked once."""

    def __init__(self, old: Mapping[str, object], new: Mapping[str, object]) -> None:
        """old, new: `schemas` of the forms."""
        self._old = old
        self._new = new
        self._seen: set[tuple[str, str]] = set()

    def between(self, old: object, new: object, at: str = "") -> Iterator[SchemaChange]:
        """Changes from the schema `old` to `new`; keys of the forms, or schemas themselves."""
        left, left_key = self._resolved(old, self._old)
        right, right_key = self._resolved(new, self._new)
        if left_key and right_key:
            if (left_key, right_key) in self._seen:
                return
            self._seen.add((left_key, right_key))
        if not isinstance(left, dict) or not isinstance(right, dict):
            if left != right:
                is_tighter = right is False or left is True or left is None
                yield SchemaChange(at, "another schema", "tighter" if is_tighter else "looser")
            return
        yield from self._sets(left, right, at)
        yield from self._bounds(left, right, at)
        yield from self._properties(left, right, at)
        yield from self._inside(left, right, at)
        yield from self._rest(left, right, at)

    def _resolved(self, schema: object, known: Mapping[str, object]) -> tuple[object, str]:
        key = schema if isinstance(schema, str) else ""
        for _ in range(32):
            if isinstance(schema, str):
                key, schema = schema, known.get(schema)
            elif isinstance(schema, dict) and list(schema) == ["$ref"]:
                schema = key_of_uri(str(schema["$ref"]))
            else:
                break
        return schema, key

    def _sets(self, old: Node, new: Node, at: str) -> Iterator[SchemaChange]:
        """Types, enumerations, required names."""
        for word in ("type", "enum"):
            left, right = _set(old.get(word)), _set(new.get(word))
            if left == right:
                continue
            if not left or not right:
                yield _keyword(at, word, old, new)
                continue
            if gone := left - right:
                yield SchemaChange(at, f"`{word}` no longer has {_listed(gone)}", "tighter")
            if more := right - left:
                yield SchemaChange(at, f"`{word}` also has {_listed(more)}", "looser")
        left, right = _set(old.get("required")), _set(new.get("required"))
        for name in sorted(right - left):
            yield SchemaChange(f"{at}/{name}", "is required now", "tighter")
        for name in sorted(left - right):
            yield SchemaChange(f"{at}/{name}", "is no longer required", "looser")

    def _bounds(self, old: Node, new: Node, at: str) -> Iterator[SchemaChange]:
        for word in (*_LEAST, *_MOST):
            left, right = old.get(word), new.get(word)
            if left == right:
                continue
            if isinstance(left, int | float) and isinstance(right, int | float):
                is_tighter = (right > left) == (word in _LEAST)
                effect: Effect = "tighter" if is_tighter else "looser"
                yield SchemaChange(at, f"`{word}` from {left} to {right}", effect)
            else:
                yield _keyword(at, word, old, new)

    def _properties(self, old: Node, new: Node, at: str) -> Iterator[SchemaChange]:
        left, right = _mapping(old.get("properties")), _mapping(new.get("properties"))
        is_closed = new.get("additionalProperties") is False
        was_closed = old.get("additionalProperties") is False
        for name in sorted(right.keys() - left.keys()):
            yield SchemaChange(f"{at}/{name}", "is declared", "looser" if was_closed else "tighter")
        for name in sorted(left.keys() - right.keys()):
            effect: Effect = "tighter" if is_closed else "looser"
            yield SchemaChange(f"{at}/{name}", "is no longer declared", effect)
        for name in sorted(left.keys() & right.keys()):
            yield from self.between(left[name], right[name], f"{at}/{name}")
        if is_closed != was_closed:
            words = "takes no undeclared field" if is_closed else "takes undeclared fields"
            yield SchemaChange(at, words, "tighter" if is_closed else "looser")
        elif not is_closed:
            left_open, right_open = (one.get("additionalProperties", True) for one in (old, new))
            if left_open != right_open:
                yield from self.between(left_open, right_open, f"{at}/*")

    def _inside(self, old: Node, new: Node, at: str) -> Iterator[SchemaChange]:
        for word in _INNER:
            if word in old and word in new:
                step = "*" if word == "items" else word
                yield from self.between(old[word], new[word], f"{at}/{step}")
            elif word in old or word in new:
                yield _keyword(at, word, old, new)
        for word in _LISTS:
            left, right = old.get(word), new.get(word)
            if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
                for one, other in zip(left, right, strict=True):
                    yield from self.between(one, other, at)
            elif left != right:
                yield SchemaChange(at, f"`{word}` has other members", "other")

    def _rest(self, old: Node, new: Node, at: str) -> Iterator[SchemaChange]:
        for word in sorted((old.keys() | new.keys()) - _OWN - set(_LISTS) - {"$ref"}):
            if old.get(word) != new.get(word):
                yield _keyword(at, word, old, new)


def _keyword(at: str, word: str, old: Node, new: Node) -> SchemaChange:
    if word not in old:
        return SchemaChange(at, f"`{word}` is new: {_shown(new[word])}", "tighter")
    if word not in new:
        return SchemaChange(at, f"`{word}` is gone", "looser")
    return SchemaChange(at, f"`{word}` from {_shown(old[word])} to {_shown(new[word])}", "other")


def _shown(value: object) -> str:
    return f"`{str(value)[:60]}`" if not isinstance(value, dict | list) else "a schema"


def _set(value: object) -> set[str]:
    if value is None:
        return set()
    return set(map(str, value)) if isinstance(value, list) else {str(value)}


def _mapping(value: object) -> Node:
    return value if isinstance(value, dict) else {}


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
