"""Directions: properties that requests (`readOnly`) or responses (`writeOnly`) do not hold."""

from __future__ import annotations

from bartizan.policy.pointer import escape
from bartizan.policy.sources.keys import DIRECTIONS, Node
from bartizan.policy.sources.library import Library, Spot

_MARKING = frozenset(("$ref", *DIRECTIONS.values()))
_NONE: set[str] = set()


class Marks:
    """Finds the marks of properties as they are written."""

    def __init__(self, library: Library, *, is_2020: bool) -> None:
        """is_2020: what stands beside a `$ref` counts."""
        self._library = library
        self._is_2020 = is_2020

    def of(self, node: object, spot: Spot) -> set[str]:
        """`readOnly`, `writeOnly` of a property: its own, or of what it refers to."""
        if not isinstance(node, dict) or _MARKING.isdisjoint(node):
            return _NONE
        found: set[str] = set()
        for _ in range(8):
            if not isinstance(node, dict):
                break
            ref = node.get("$ref")
            if ref is None or self._is_2020:
                found |= {mark for mark in DIRECTIONS.values() if node.get(mark) is True}
            target = self._library.target(ref, spot) if ref is not None else None
            if target is None:
                break
            node, spot = self._library.node(target), target
        return found

    def absent(self, node: Node, spot: Spot, mark: str, seen: set[Spot]) -> frozenset[str]:
        """Properties with the mark for the same value, through `allOf` and `$ref`, too."""
        if spot in seen:
            return frozenset()
        seen.add(spot)
        found: set[str] = set()
        ref = node.get("$ref")
        target = self._library.target(ref, spot) if ref is not None else None
        if target is not None:
            inner = self._library.node(target)
            if isinstance(inner, dict):
                found |= self.absent(inner, target, mark, seen)
        properties = node.get("properties")
        if isinstance(properties, dict):
            at = f"{spot[1]}/properties/"
            found |= {
                n for n, p in properties.items() if mark in self.of(p, (spot[0], at + escape(n)))
            }
        for word in ("allOf", "anyOf", "oneOf"):
            members = node.get(word)
            for i, one in enumerate(members if isinstance(members, list) else ()):
                if isinstance(one, dict):
                    found |= self.absent(one, (spot[0], f"{spot[1]}/{word}/{i}"), mark, seen)
        return frozenset(found)
