"""Schemas: every schema lowered in place to JSON Schema 2020-12, under keys `<document>#<pointer>`.

Nodes keep their shape, so a pointer below a key leads to the line in the source. `readOnly` and
`writeOnly` are lowered to two directions; only schemas that reach such a property get variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from bartizan.policy.pointer import escape, tokens
from bartizan.policy.sources.fields3 import is_known_dialect
from bartizan.policy.sources.library import Library, RefError, Spot
from bartizan.policy.sources.notes import Notes
from bartizan.policy.sources.words import (
    DIALECTS,
    IN_PLACE,
    SOUND,
    TYPES,
    Act,
    is_names,
)
from bartizan.policy.suggest import nearest

Node = dict[str, object]
DIRECTIONS = {"request": "readOnly", "response": "writeOnly"}
"""Direction of a message, and the mark of the properties that are not in it."""

_MARKING = frozenset(("$ref", *DIRECTIONS.values()))
_NO_MARKS: set[str] = set()
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
    """One walk over one schema. direction: empty = as written; absent: names it leaves out."""

    facts: Facts
    direction: str = ""
    first: bool = True


class Schemas:
    """Lowers schemas as they are used. `use` them all, then `finish`, then `final` and `form`."""

    def __init__(self, library: Library, dialect: str, notes: Notes) -> None:
        """dialect: `2.0`, `3.0`, `3.1` or `3.2`."""
        self._library = library
        self._first = library.first
        self._notes = notes
        self._dialect = dialect
        self._is_2020 = dialect in ("3.1", "3.2")
        self._words = DIALECTS[dialect]
        self._facts: dict[str, Facts] = {}
        self._plain: dict[str, object] = {}
        self._made: dict[str, Node] = {}
        self._parts: dict[str, Node] = {}
        self._waiting: list[str] = []
        self._reach: dict[str, set[str]] = {}
        self._uris: dict[str, str] = {}
        self._has_problem = False
        self.form: dict[str, object] = {}

    # ---- use ------------------------------------------------------------------------------

    def use(self, node: object, spot: Spot) -> str:
        """The key of the schema at `spot`; that of its target where it is nothing but a `$ref`."""
        if isinstance(node, dict) and "$ref" in node and (len(node) == 1 or not self._is_2020):
            target = self._follow(node["$ref"], spot)
            if target is not None:
                return self._want(target)
        return self._want(spot)

    def make(self, spot: Spot, node: Node) -> str:
        """The key of a schema that no document holds, lowered already, named after `spot`."""
        key = _key(spot)
        self._made[key] = node
        facts = Facts(spot)
        self._facts[key] = facts
        for one in _refs(node):
            facts.refs.add(one)
        self._plain[key] = node
        return key

    def inline(self, spot: Spot, node: Node) -> str:
        """The key of a schema that is a part of the mapping at `spot` (a parameter of 2.0)."""
        key = _key(spot)
        if key not in self._facts:
            self._facts[key] = Facts(spot)
            self._parts[key] = node
            self._waiting.append(key)
        return key

    def reference(self, key: str) -> Node:
        """A `$ref` to a key, for use in `make`."""
        return {"$ref": self._uri(key)}

    def _want(self, spot: Spot) -> str:
        key = _key(spot)
        if key not in self._facts:
            self._facts[key] = Facts(spot)
            self._waiting.append(key)
        return key

    def _follow(self, ref: object, spot: Spot) -> Spot | None:
        if not isinstance(ref, str):
            return None
        try:
            return self._library.resolve(ref, *spot)
        except RefError:
            return None

    # ---- finish ---------------------------------------------------------------------------

    def finish(self) -> None:
        """Lower everything that is used or reached. Cost: O(nodes)."""
        while self._waiting:
            key = self._waiting.pop()
            facts = self._facts[key]
            self._plain[key] = self._node(self._source(key, facts), facts.spot, Walk(facts))
        self._break_cycles()
        self._has_problem = any(facts.problems for facts in self._facts.values())
        self._reach = {mark: self._reaching(mark) for mark in DIRECTIONS.values()}

    def _reaching(self, mark: str) -> set[str]:
        """Keys that hold or reach a property with the mark."""
        sources: dict[str, list[str]] = {}
        for key, facts in self._facts.items():
            for ref in facts.refs:
                sources.setdefault(ref, []).append(key)
        reached = {key for key, facts in self._facts.items() if mark in facts.marks}
        waiting = list(reached)
        while waiting:
            for source in sources.get(waiting.pop(), ()):
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        return reached

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
        final = self._named(key, direction)
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
                (self._named(ref, direction) if name != plain else ref, ref)
                for ref in self._facts[plain].refs
            )
        return final

    def _named(self, key: str, direction: str) -> str:
        return f"{key}!{direction}" if key in self._reach[DIRECTIONS[direction]] else key

    def _directed(self, key: str, direction: str) -> object:
        if self._plain[key] is True:
            return True
        facts = self._facts[key]
        if key in self._made:
            return _redirected(self._made[key], lambda ref: self._uri(self._named(ref, direction)))
        walk = Walk(facts, direction, first=False)
        return self._node(self._source(key, facts), facts.spot, walk)

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
        key = _key(spot)
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

    # ---- one node -------------------------------------------------------------------------

    def _node(
        self,
        node: object,
        spot: Spot,
        walk: Walk,
        *,
        in_place: bool = True,
        absent: frozenset[str] = frozenset(),
    ) -> object:
        if isinstance(node, bool) and self._is_2020:
            return node
        if not isinstance(node, dict):
            return self._problem(walk, spot, "a schema is a mapping")
        if walk.direction:
            absent |= self._absent(node, spot, DIRECTIONS[walk.direction], set())
        if "$ref" in node and not self._is_2020:
            return self._ref(node["$ref"], spot, walk, in_place=in_place)
        lowered: Node = {}
        for word, value in node.items():
            act = self._words.get(word)
            if act is Act.DROP or act is Act.SKIP:
                continue
            if act is Act.KEEP:
                self._keep(lowered, word, value, spot, walk)
            elif act is None:
                self._unknown(word, spot, walk)
            else:
                self._deep(lowered, word, node, spot, walk, act, absent, in_place)
        return lowered

    def _keep(self, lowered: Node, word: str, value: object, spot: Spot, walk: Walk) -> None:
        is_sound, wanted = SOUND[word]
        if not is_sound(value):
            self._problem(walk, (spot[0], f"{spot[1]}/{word}"), f"`{word}` must be {wanted}")
            return
        if isinstance(value, float) and word.startswith(("max", "min")) and value.is_integer():
            value = int(value)
        lowered[word] = value

    def _deep(
        self,
        lowered: Node,
        word: str,
        node: Node,
        spot: Spot,
        walk: Walk,
        act: Act,
        absent: frozenset[str],
        in_place: bool,  # noqa: FBT001 -- handed on
    ) -> None:
        value = node[word]
        at: Spot = (spot[0], f"{spot[1]}/{word}")
        stays = in_place and word in IN_PLACE
        inner = absent if word in IN_PLACE else frozenset[str]()
        if act is Act.OWN:
            self._own(lowered, word, node, spot, walk, absent, in_place)
        elif act is Act.SCHEMA:
            if word == "additionalProperties" and isinstance(value, bool):
                lowered[word] = value
            else:
                lowered[word] = self._node(value, at, walk, in_place=stays, absent=inner)
        elif act is Act.LIST and isinstance(value, list) and value:
            lowered[word] = [
                self._node(one, (at[0], f"{at[1]}/{i}"), walk, in_place=stays, absent=inner)
                for i, one in enumerate(value)
            ]
        elif act is Act.MAP and isinstance(value, dict):
            lowered[word] = {
                name: self._node(
                    one, (at[0], f"{at[1]}/{escape(name)}"), walk, in_place=stays, absent=inner
                )
                for name, one in value.items()
            }
        else:
            self._problem(
                walk,
                at,
                f"`{word}` must be a {'list of schemas' if act is Act.LIST else 'mapping'}",
            )

    def _own(
        self,
        lowered: Node,
        word: str,
        node: Node,
        spot: Spot,
        walk: Walk,
        absent: frozenset[str],
        in_place: bool,  # noqa: FBT001 -- handed on
    ) -> None:
        value = node[word]
        at: Spot = (spot[0], f"{spot[1]}/{word}")
        if word == "type":
            self._type(lowered, node, spot, walk)
        elif word == "properties":
            self._properties(lowered, value, at, walk)
        elif word == "required":
            self._required(lowered, value, at, walk, absent)
        elif word in ("$ref", "$dynamicRef"):
            self._reference(lowered, word, value, spot, walk, in_place)
        elif word in ("exclusiveMaximum", "exclusiveMinimum"):
            self._exclusive(lowered, word, node, spot, walk)
        elif word == "discriminator":
            self._discriminator(lowered, value, at, walk)
        elif word == "nullable":
            self._nullable(node, spot, walk)
        elif word == "$schema" and isinstance(value, str) and not is_known_dialect(value):
            self._problem(walk, at, f"schema dialect `{value}` is not supported")

    # ---- single keywords ------------------------------------------------------------------

    def _type(self, lowered: Node, node: Node, spot: Spot, walk: Walk) -> None:
        value = node["type"]
        names = value if isinstance(value, list) else [value]
        at: Spot = (spot[0], f"{spot[1]}/type")
        if not names or not all(isinstance(name, str) and name in TYPES for name in names):
            if value == "file" and self._dialect == "2.0":
                lowered.update({"type": "string", "format": "binary"})
                return
            self._problem(walk, at, f"type `{value}` is not one of JSON Schema")
            return
        if not self._is_2020 and (isinstance(value, list) or value == "null") and walk.first:
            message = f"`type: {value}` belongs to OpenAPI 3.1; it is read as there"
            self._notes.warn(at, "description.newer-keyword", message)
        is_nullable = self._dialect == "3.0" and node.get("nullable") is True
        if is_nullable and "null" not in names:
            names = [*names, "null"]
        lowered["type"] = names[0] if len(names) == 1 else names

    def _nullable(self, node: Node, spot: Spot, walk: Walk) -> None:
        value = node["nullable"]
        at: Spot = (spot[0], f"{spot[1]}/nullable")
        if not isinstance(value, bool):
            self._problem(walk, at, "`nullable` must be `true` or `false`")
            return
        if not value or not walk.first:
            return
        listed = node.get("enum")
        if "type" not in node:
            message = "`nullable` has no effect without `type` beside it"
            self._notes.warn(at, "description.nullable", message, "write `type` in the same schema")
        elif isinstance(listed, list) and None not in listed:
            message = "`nullable` has no effect here: `enum` does not list null"
            self._notes.warn(at, "description.nullable", message, "add `null` to `enum`")

    def _exclusive(self, lowered: Node, word: str, node: Node, spot: Spot, walk: Walk) -> None:
        value = node[word]
        at: Spot = (spot[0], f"{spot[1]}/{word}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            lowered[word] = value
            if not self._is_2020 and walk.first:
                message = f"`{word}` with a number belongs to OpenAPI 3.1; it is read as there"
                self._notes.warn(at, "description.newer-keyword", message)
        elif isinstance(value, bool) and not self._is_2020:
            bound = "maximum" if word == "exclusiveMaximum" else "minimum"
            limit = node.get(bound)
            if value and isinstance(limit, int | float) and not isinstance(limit, bool):
                lowered[word] = limit
        else:
            wanted = "a number" if self._is_2020 else "`true` or `false`"
            self._problem(walk, at, f"`{word}` must be {wanted}")

    def _required(
        self, lowered: Node, value: object, at: Spot, walk: Walk, absent: frozenset[str]
    ) -> None:
        if not is_names(value) or not isinstance(value, list):
            self._problem(walk, at, "`required` must be a list of names, none twice")
        else:
            names = [name for name in value if name not in absent] if absent else value
            if names:
                lowered["required"] = names

    def _properties(self, lowered: Node, value: object, at: Spot, walk: Walk) -> None:
        if not isinstance(value, dict):
            self._problem(walk, at, "`properties` must be a mapping")
            return
        properties: Node = {}
        for name, node in value.items():
            spot: Spot = (at[0], f"{at[1]}/{escape(name)}")
            marks = self._marks(node, spot)
            if marks:
                walk.facts.marks |= marks
                if walk.direction and DIRECTIONS[walk.direction] in marks:
                    properties[name] = {
                        "not": {},
                        "x-bartizan-direction": DIRECTIONS[walk.direction],
                    }
                    continue
            properties[name] = self._node(node, spot, walk, in_place=False)
        lowered["properties"] = properties

    def _marks(self, node: object, spot: Spot) -> set[str]:
        """`readOnly`, `writeOnly` of a property: its own, or of what it refers to."""
        if not isinstance(node, dict) or _MARKING.isdisjoint(node):
            return _NO_MARKS
        found: set[str] = set()
        for _ in range(8):
            if not isinstance(node, dict):
                break
            ref = node.get("$ref")
            if ref is None or self._is_2020:
                found |= {mark for mark in DIRECTIONS.values() if node.get(mark) is True}
            target = self._follow(ref, spot) if ref is not None else None
            if target is None:
                break
            node, spot = self._library.node(target), target
        return found

    def _absent(self, node: Node, spot: Spot, mark: str, seen: set[Spot]) -> frozenset[str]:
        """Properties with the mark for the same value, through `allOf` and `$ref`, too."""
        if spot in seen:
            return frozenset()
        seen.add(spot)
        found: set[str] = set()
        ref = node.get("$ref")
        target = self._follow(ref, spot) if ref is not None else None
        if target is not None:
            inner = self._library.node(target)
            if isinstance(inner, dict):
                found |= self._absent(inner, target, mark, seen)
        properties = node.get("properties")
        if isinstance(properties, dict):
            at = f"{spot[1]}/properties/"
            found |= {
                n
                for n, p in properties.items()
                if mark in self._marks(p, (spot[0], at + escape(n)))
            }
        for word in ("allOf", "anyOf", "oneOf"):
            members = node.get(word)
            for i, one in enumerate(members if isinstance(members, list) else ()):
                if isinstance(one, dict):
                    found |= self._absent(one, (spot[0], f"{spot[1]}/{word}/{i}"), mark, seen)
        return frozenset(found)

    def _reference(
        self,
        lowered: Node,
        word: str,
        value: object,
        spot: Spot,
        walk: Walk,
        in_place: bool,  # noqa: FBT001
    ) -> None:
        if word == "$dynamicRef" and "$dynamicAnchor" in self._library.document(spot[0]).text:
            at: Spot = (spot[0], f"{spot[1]}/{word}")
            self._problem(walk, at, "`$dynamicRef` with a `$dynamicAnchor` is not supported")
            return
        found = self._ref(value, spot, walk, in_place=in_place)
        if "$ref" in found:
            lowered["$ref"] = found["$ref"]

    def _ref(self, ref: object, spot: Spot, walk: Walk, *, in_place: bool) -> Node:
        at: Spot = (spot[0], f"{spot[1]}/$ref")
        if not isinstance(ref, str):
            return self._problem(walk, at, "`$ref` must be a text")
        try:
            target = self._library.resolve(ref, *spot)
        except RefError as error:
            return self._problem(walk, at, f"`$ref` {error}")
        key = self._want(target)
        walk.facts.refs.add(key)
        if in_place:
            walk.facts.in_place.add(key)
        return {"$ref": self._uri(self._named(key, walk.direction) if walk.direction else key)}

    def _discriminator(self, lowered: Node, value: object, at: Spot, walk: Walk) -> None:
        if self._dialect == "2.0":
            if isinstance(value, str):
                lowered["discriminator"] = {"propertyName": value}
            else:
                self._problem(walk, at, "`discriminator` must name a property")
            return
        name = value.get("propertyName") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(name, str):
            self._problem(walk, at, "`discriminator` must name its `propertyName`")
            return
        kept: Node = {"propertyName": name}
        mapping = value.get("mapping")
        if isinstance(mapping, dict) and mapping:
            kept["mapping"] = {
                word: uri
                for word, target in mapping.items()
                if (uri := self._mapped(target, (at[0], f"{at[1]}/mapping/{escape(word)}"), walk))
            }
        if "defaultMapping" in value and self._dialect == "3.2":
            spot: Spot = (at[0], f"{at[1]}/defaultMapping")
            if uri := self._mapped(value["defaultMapping"], spot, walk):
                kept["defaultMapping"] = uri
        lowered["discriminator"] = kept

    def _mapped(self, target: object, at: Spot, walk: Walk) -> str | None:
        """A mapping names a schema by URI, or by its bare name among the components."""
        spot = None
        if isinstance(target, str):
            if "/" not in target and "#" not in target:
                spot = self._follow(f"#/components/schemas/{escape(target)}", (self._first, ""))
            spot = spot or self._follow(target, at)
        if spot is None:
            if walk.first:
                message = f"the discriminator maps to `{target}`, which leads to nothing"
                self._notes.warn(at, "description.discriminator", message)
            return None
        key = self._want(spot)
        walk.facts.refs.add(key)
        return self._uri(self._named(key, walk.direction) if walk.direction else key)

    # ---- notes ----------------------------------------------------------------------------

    def _unknown(self, word: str, spot: Spot, walk: Walk) -> None:
        if word.startswith("x-") or not walk.first:
            return
        at: Spot = (spot[0], f"{spot[1]}/{escape(word)}")
        message = (
            f"keyword `{word}` is not part of OpenAPI {self._dialect} schemas and has no effect"
        )
        meant = nearest(word, self._words)
        hint = f"did you mean `{meant}`?" if meant else "take it out, or begin its name with `x-`"
        if word == "nullable":
            hint = "take it out and write `type: [..., 'null']`"
        self._notes.warn(at, "description.unknown-keyword", message, hint)

    def _problem(self, walk: Walk, spot: Spot, reason: str) -> Node:
        if walk.first:
            walk.facts.problems.append((spot, reason))
        return {}

    def _uri(self, key: str) -> str:
        uri = self._uris.get(key)
        if uri is None:
            uri = self._uris[key] = "#/$defs/" + quote(escape(key), safe=_FRAGMENT_SAFE)
        return uri


def _key(spot: Spot) -> str:
    return f"{spot[0]}#{spot[1]}"


def key_of_uri(uri: str) -> str:
    """The key that a lowered `$ref` names."""
    from urllib.parse import unquote

    return tokens(unquote(uri.removeprefix("#")))[1]


def _refs(node: object) -> set[str]:
    """Keys that a made schema refers to."""
    if isinstance(node, dict):
        found = {key_of_uri(node["$ref"])} if isinstance(node.get("$ref"), str) else set[str]()
        for one in node.values():
            found |= _refs(one)
        return found
    if isinstance(node, list):
        return set().union(*(_refs(one) for one in node)) if node else set()
    return set()


def _redirected(node: object, uri: object) -> object:
    """A made schema with its references renamed."""
    if isinstance(node, Mapping):
        return {
            word: uri(key_of_uri(value))
            if word == "$ref" and callable(uri)
            else _redirected(value, uri)
            for word, value in node.items()
        }
    return [_redirected(one, uri) for one in node] if isinstance(node, list) else node
