"""Data classes in schemas that are not held against anything, and so are not lowered."""

from __future__ import annotations

from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.mappings import mappings
from bartizan.policy.sources.words import CLASSES, DATA_CLASS, is_class


def strictest_class(library: Library, schema: object, spot: Spot) -> tuple[str, Spot] | None:
    """The strictest class in the schema at `spot` and in all that it refers to, with its place.

    Cost: O(nodes), each schema once.
    """
    waiting: list[tuple[object, Spot]] = [(schema, spot)]
    seen, found = {spot}, list[tuple[str, Spot]]()
    while waiting:
        node, (document, base) = waiting.pop()
        for pointer, inner in mappings(node):
            at: Spot = (document, f"{base}{pointer}")
            word = inner.get(DATA_CLASS)
            if isinstance(word, str) and is_class(word):
                found.append((word, at))
            for name in ("$ref", "$dynamicRef"):
                target = library.target(inner.get(name), at)
                if target is not None and target not in seen:
                    seen.add(target)
                    waiting.append((library.node(target), target))
    return max(found, key=lambda one: CLASSES.index(one[0]), default=None)
