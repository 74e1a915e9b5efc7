"""Which JSON types a schema leaves open, read as the document writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.sources.paths import at
from bartizan.policy.sources.words import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.policy.sources.library import Spot
    from bartizan.policy.sources.parts import Parts

_ALL = frozenset(TYPES)
_HOPS_MAX = 16
_TELLING = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("prefixItems", "items", "minItems", "maxItems", "contains"),
}


def types_of(
    parts: Parts, node: object, spot: Spot, *, guess: bool = True, hops: int = _HOPS_MAX
) -> frozenset[str]:
    """The types that may fit. guess: without `type`, keywords of one type stand for it."""
    if not isinstance(node, dict) or hops == 0:
        return _ALL
    ref = node.get("$ref")
    target = parts.library.target(ref, spot) if isinstance(ref, str) else None
    behind = (
        _ALL
        if target is None
        else types_of(parts, parts.library.node(target), target, guess=guess, hops=hops - 1)
    )
    if "$ref" in node and parts.version in ("2.0", "3.0"):
        return behind
    found = behind & _own(node, guess=guess)

    def inner(word: str) -> Iterator[frozenset[str]]:
        listed = node.get(word)
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            where = at(at(spot, word), str(index))
            yield types_of(parts, one, where, guess=guess, hops=hops - 1)

    found = found.intersection(*inner("allOf"))
    for word in ("anyOf", "oneOf"):
        either = frozenset[str]().union(*inner(word))
        found = found & either if node.get(word) else found
    return found


def _own(node: dict[str, object], *, guess: bool) -> frozenset[str]:
    written = node.get("type")
    names = written if isinstance(written, list) else [written]
    if written is not None:
        return frozenset(name for name in names if isinstance(name, str))
    for name, words in _TELLING.items():
        if guess and any(word in node for word in words):
            return frozenset((name,))
    return _ALL
