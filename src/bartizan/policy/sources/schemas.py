"""Schemas: every schema lowered in place to JSON Schema 2020-12, under keys `<document>#<pointer>`.

Nodes keep their shape, so a pointer below a key leads to the line in the source. `readOnly` and
`writeOnly` are lowered to two directions; only schemas that reach such a property get variants.
"""

from __future__ import annotations

from collections.abc import Iterable

from bartizan.policy.sources.keys import (
    DIRECTIONS,
    Facts,
    Keys,
    Node,
    Walk,
    key_of,
    redirected,
    refs_of,
)
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.lowering import Lowering
from bartizan.policy.sources.notes import Notes
from bartizan.policy.sources.words import DATA_CLASS


class Schemas:
    """Lowers schemas as they are used. `use` them all, then `finish`, then `final` and `form`."""

    def __init__(self, library: Library, dialect: str, notes: Notes) -> None:
        """dialect: `2.0`, `3.0`, `3.1` or `3.2`."""
        self._library = library
        self._is_2020 = dialect in ("3.1", "3.2")
        self._keys = Keys()
        self._facts = self._keys.facts
        self._lowering = Lowering(library, dialect, notes, self._keys)
        self._plain: dict[str, object] = {}
        self._made: set[str] = set()
        self._parts: dict[str, Node] = {}
        self._has_problem = False
        self.form: dict[str, object] = {}

    # ---- use ------------------------------------------------------------------------------

    def use(self, node: object, spot: Spot) -> str:
        """The key of the schema at `spot`; that of its target where it is nothing but a `$ref`."""
        is_bare = isinstance(node, dict) and (len(node) == 1 or not self._is_2020)
        if isinstance(node, dict) and "$ref" in node and is_bare and DATA_CLASS not in node:
            target = self._library.target(node["$ref"], spot)
            if target is not None:
                return self._keys.want(target)
        return self._keys.want(spot)

    def make(self, spot: Spot, node: Node) -> str:
        """The key of a schema that no document holds, lowered already, named after `spot`."""
        key = key_of(spot)
        self._made.add(key)
        self._facts[key] = Facts(spot, refs_of(node))
        self._plain[key] = node
        return key

    def inline(self, spot: Spot, node: Node) -> str:
        """The key of a schema that is a part of the mapping at `spot` (a parameter of 2.0)."""
        key = key_of(spot)
        if key not in self._facts:
            self._facts[key] = Facts(spot)
            self._parts[key] = node
            self._keys.waiting.append(key)
        return key

    def reference(self, key: str) -> Node:
        """A `$ref` to a key, for use in `make`."""
        return {"$ref": self._keys.uri(key)}

    def map_xml(self) -> None:
        """Keep what schemas say of XML: some body may be XML."""
        self._lowering.maps_xml = True

    # ---- finish ---------------------------------------------------------------------------

    def finish(self) -> None:
        """Lower everything that is used or reached. Cost: O(nodes)."""
        while self._keys.waiting:
            key = self._keys.waiting.pop()
            facts = self._facts[key]
            self._plain[key] = self._lowering.node(
                self._source(key, facts), facts.spot, Walk(facts)
            )
        self._lowering.references.refuse_dynamic()
        self._break_cycles()
        self._has_problem = any(facts.problems for facts in self._facts.values())
        self._keys.reach = {mark: self._keys.reaching(mark) for mark in DIRECTIONS.values()}

    def _break_cycles(self) -> None:
        """A schema that refers to itself for the same value can never be evaluated."""
        done: set[str] = set()
        for start in self._facts:
            if start in done:
                continue
            path: dict[str, None] = {}
            stack: list[tuple[str, bool]] = [(start, False)]
            while stack:
                key, leaving = stack.pop()
                if leaving:
                    path.pop(key)
                    done.add(key)
                elif key in path:
                    facts = self._facts[key]
                    facts.problems.append((facts.spot, "its schema refers to itself in place"))
                    self._plain[key] = True
                elif key not in done:
                    path[key] = None
                    stack.append((key, True))
                    stack += [(ref, False) for ref in sorted(self._facts[key].in_place)]

    def final(self, key: str, direction: str) -> str:
        """The key for one direction, put into `form` together with all that it reaches."""
        final = self._keys.named(key, direction)
        waiting = [(final, key)]
        while waiting:
            name, plain = waiting.pop()
            if name in self.form:
                continue
            self.form[name] = (
                self._directed(plain, direction) if name != plain else self._plain[plain]
            )
            # Below an undirected schema nothing is directed: it does not reach the mark.
            waiting.extend(
                (self._keys.named(ref, direction) if name != plain else ref, ref)
                for ref in self._facts[plain].refs
            )
        return final

    def _directed(self, key: str, direction: str) -> object:
        if self._plain[key] is True:
            return True
        facts = self._facts[key]
        if key in self._made:
            return redirected(
                self._plain[key], lambda ref: self._keys.uri(self._keys.named(ref, direction))
            )
        walk = Walk(facts, direction, first=False)
        return self._lowering.node(self._source(key, facts), facts.spot, walk)

    def _source(self, key: str, facts: Facts) -> object:
        return self._parts[key] if key in self._parts else self._library.node(facts.spot)

    def problems(self, keys: Iterable[str]) -> list[tuple[Spot, str]]:
        """What stands against checking any of `keys` or what they reach, in order of place."""
        if not self._has_problem:
            return []
        seen = set(keys)
        waiting = list(seen)
        found: list[tuple[Spot, str]] = []
        while waiting:
            facts = self._facts[waiting.pop()]
            found += facts.problems
            fresh = facts.refs - seen
            seen |= fresh
            waiting += fresh
        return sorted(set(found))

    def refuse(self, spot: Spot, at: Spot, reason: str) -> bool:
        """Take the schema at `spot` out of the form, for a reason found by the core at `at`.

        False where no schema has that key, or it is out already.
        """
        key = key_of(spot)
        facts = self._facts.get(key)
        names = [
            name
            for name in (key, *(f"{key}!{d}" for d in DIRECTIONS))
            if self.form.get(name, True) is not True
        ]
        if facts is None or not names:
            return False
        facts.problems.append((at, reason))
        self._has_problem = True
        self.form.update(dict.fromkeys(names, True))
        return True
