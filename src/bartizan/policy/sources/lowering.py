"""Lowering: one schema as its version writes it, rewritten in place to JSON Schema 2020-12.

Nodes keep their shape, so a pointer below a key leads to the line in the source.
"""

from __future__ import annotations

from bartizan.policy.pointer import escape
from bartizan.policy.sources.directions import Marks
from bartizan.policy.sources.fields3 import is_known_dialect
from bartizan.policy.sources.keys import DIRECTIONS, Keys, Node, Walk
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.notes import Notes
from bartizan.policy.sources.references import References
from bartizan.policy.sources.words import (
    DATA_CLASS,
    DIALECTS,
    IN_PLACE,
    SOUND,
    TYPES,
    Act,
    is_class,
    is_names,
)
from bartizan.policy.suggest import nearest

_XML = ("attribute", "name", "namespace", "wrapped")
_XML_3_2 = (*_XML, "nodeType")


class Lowering:
    """Lowers the schemas of one description."""

    def __init__(self, library: Library, dialect: str, notes: Notes, keys: Keys) -> None:
        """dialect: `2.0`, `3.0`, `3.1` or `3.2`. keys: takes what is reached."""
        self._library = library
        self._notes = notes
        self._dialect = dialect
        self._is_2020 = dialect in ("3.1", "3.2")
        self._words = DIALECTS[dialect]
        self._marks = Marks(library, is_2020=self._is_2020)
        self.references = References(library, dialect, notes, keys)
        self.maps_xml = False

    # ---- one node -------------------------------------------------------------------------

    def node(
        self,
        node: object,
        spot: Spot,
        walk: Walk,
        *,
        in_place: bool = True,
        absent: frozenset[str] = frozenset(),
    ) -> object:
        """The lowered schema. in_place: it looks at the value of the key itself."""
        if isinstance(node, bool) and self._is_2020:
            return node
        if not isinstance(node, dict):
            return walk.problem(spot, "a schema is a mapping")
        if walk.direction:
            absent |= self._marks.absent(node, spot, DIRECTIONS[walk.direction], set())
        if "$ref" in node and not self._is_2020:
            found = self.references.follow(node["$ref"], spot, walk, in_place=in_place)
            return _marked(found, node)
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
            walk.problem((spot[0], f"{spot[1]}/{word}"), f"`{word}` must be {wanted}")
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
                lowered[word] = self.node(value, at, walk, in_place=stays, absent=inner)
        elif act is Act.LIST and isinstance(value, list) and value:
            lowered[word] = [
                self.node(one, (at[0], f"{at[1]}/{i}"), walk, in_place=stays, absent=inner)
                for i, one in enumerate(value)
            ]
        elif act is Act.MAP and isinstance(value, dict):
            lowered[word] = {
                name: self.node(
                    one, (at[0], f"{at[1]}/{escape(name)}"), walk, in_place=stays, absent=inner
                )
                for name, one in value.items()
            }
        else:
            walk.problem(
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
            self.references.reference(lowered, word, value, spot, walk, in_place)
        elif word in ("exclusiveMaximum", "exclusiveMinimum"):
            self._exclusive(lowered, word, node, spot, walk)
        elif word == "discriminator":
            self.references.discriminator(lowered, value, at, walk)
        elif word == "nullable":
            self._nullable(node, spot, walk)
        elif word == "xml" and self.maps_xml:
            lowered[word] = self._xml(value)
        elif word == "$schema" and isinstance(value, str) and not is_known_dialect(value):
            walk.problem(at, f"schema dialect `{value}` is not supported")

    # ---- single keywords ------------------------------------------------------------------

    def _type(self, lowered: Node, node: Node, spot: Spot, walk: Walk) -> None:
        value = node["type"]
        names = value if isinstance(value, list) else [value]
        at: Spot = (spot[0], f"{spot[1]}/type")
        if not names or not all(isinstance(name, str) and name in TYPES for name in names):
            if value == "file" and self._dialect == "2.0":
                lowered.update({"type": "string", "format": "binary"})
                return
            walk.problem(at, f"type `{value}` is not one of JSON Schema")
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
            walk.problem(at, "`nullable` must be `true` or `false`")
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
            walk.problem(at, f"`{word}` must be {wanted}")

    def _required(
        self, lowered: Node, value: object, at: Spot, walk: Walk, absent: frozenset[str]
    ) -> None:
        if not is_names(value) or not isinstance(value, list):
            walk.problem(at, "`required` must be a list of names, none twice")
        else:
            names = [name for name in value if name not in absent] if absent else value
            if names:
                lowered["required"] = names

    def _properties(self, lowered: Node, value: object, at: Spot, walk: Walk) -> None:
        if not isinstance(value, dict):
            walk.problem(at, "`properties` must be a mapping")
            return
        properties: Node = {}
        for name, node in value.items():
            spot: Spot = (at[0], f"{at[1]}/{escape(name)}")
            marks = self._marks.of(node, spot)
            if marks:
                walk.facts.marks |= marks
                if walk.direction and DIRECTIONS[walk.direction] in marks:
                    stub: Node = {
                        "not": {},
                        "x-bartizan-direction": DIRECTIONS[walk.direction],
                    }
                    if self.maps_xml and walk.direction == "request":
                        # How it would be written, so that XML that holds it is found.
                        stub["x-bartizan-xml"] = self.node(node, spot, walk, in_place=False)
                    properties[name] = stub
                    continue
            properties[name] = self.node(node, spot, walk, in_place=False)
        lowered["properties"] = properties

    def _xml(self, value: object) -> object:
        """What counts of an `xml` object; the core tells what of it cannot be followed."""
        words = _XML_3_2 if self._dialect == "3.2" else _XML
        if not isinstance(value, dict):
            return value
        return {word: value[word] for word in words if word in value}

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


def _marked(lowered: Node, node: Node) -> Node:
    """Before 3.1 nothing counts beside a `$ref`, but for our own word."""
    written = node.get(DATA_CLASS)
    return {**lowered, DATA_CLASS: written} if is_class(written) else lowered
