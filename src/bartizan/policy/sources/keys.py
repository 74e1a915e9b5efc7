"""Keys: how lowered schemas are named, `<document>#<pointer>`, and what is found of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from bartizan.policy.pointer import escape, tokens
from bartizan.policy.sources.library import Spot

Node = dict[str, object]
DIRECTIONS = {"request": "readOnly", "response": "writeOnly"}
"""Direction of a message, and the mark of the properties that are not in it."""

_FRAGMENT_SAFE = "~!$&'()*+,;=:@/?-._"


@dataclass(slots=True)
class Facts:
    """What was found in one schema. problems: spot and reason; marks: readOnly, writeOnly seen."""

    spot: Spot
    refs: set[str] = field(default_factory=set)
    in_place: set[str] = field(default_factory=set)
    problems: list[tuple[Spot, str]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Walk:
    """One walk over one schema. direction: empty = as written."""

    facts: Facts
    direction: str = ""
    first: bool = True

    def problem(self, spot: Spot, reason: str) -> Node:
        """Keep, at the first walk, that the schema cannot be checked; what stands for it."""
        if self.first:
            self.facts.problems.append((spot, reason))
        return {}


class Keys:
    """Every schema that is used or reached. waiting: those still to be lowered."""

    def __init__(self) -> None:
        """Know none yet."""
        self.facts: dict[str, Facts] = {}
        self.waiting: list[str] = []
        self.reach: dict[str, set[str]] = {}
        self._uris: dict[str, str] = {}

    def want(self, spot: Spot) -> str:
        """The key of the schema at `spot`, which is lowered in its turn."""
        key = key_of(spot)
        if key not in self.facts:
            self.facts[key] = Facts(spot)
            self.waiting.append(key)
        return key

    def named(self, key: str, direction: str) -> str:
        """The key in one direction: its own where the direction makes no difference."""
        return f"{key}!{direction}" if key in self.reach[DIRECTIONS[direction]] else key

    def uri(self, key: str) -> str:
        """The `$ref` that names a key in the form."""
        uri = self._uris.get(key)
        if uri is None:
            uri = self._uris[key] = "#/$defs/" + quote(escape(key), safe=_FRAGMENT_SAFE)
        return uri

    def reaching(self, mark: str) -> set[str]:
        """Keys that hold or reach a property with the mark."""
        marked = {key for key, facts in self.facts.items() if mark in facts.marks}
        return reaching({key: facts.refs for key, facts in self.facts.items()}, marked)


def reaching(refs: Mapping[str, Iterable[str]], marked: set[str]) -> set[str]:
    """The marked keys, and those that refer to one. Cost: O(references)."""
    sources: dict[str, list[str]] = {}
    for key, own in refs.items():
        for ref in own:
            sources.setdefault(ref, []).append(key)
    reached, waiting = set(marked), list(marked)
    while waiting:
        for source in sources.get(waiting.pop(), ()):
            if source not in reached:
                reached.add(source)
                waiting.append(source)
    return reached


def key_of(spot: Spot) -> str:
    """The key of the schema at a spot."""
    return f"{spot[0]}#{spot[1]}"


def key_of_uri(uri: str) -> str:
    """The key that a lowered `$ref` names."""
    from urllib.parse import unquote

    return tokens(unquote(uri.removeprefix("#")))[1]


def refs_of(node: object) -> set[str]:
    """Keys that a made schema refers to."""
    if isinstance(node, dict):
        found = {key_of_uri(node["$ref"])} if isinstance(node.get("$ref"), str) else set[str]()
        for one in node.values():
            found |= refs_of(one)
        return found
    if isinstance(node, list):
        return set().union(*(refs_of(one) for one in node)) if node else set()
    return set()


def redirected(node: object, uri: object) -> object:
    """A made schema with its references renamed."""
    if isinstance(node, Mapping):
        return {
            word: uri(key_of_uri(value))
            if word == "$ref" and callable(uri)
            else redirected(value, uri)
            for word, value in node.items()
        }
    return [redirected(one, uri) for one in node] if isinstance(node, list) else node
