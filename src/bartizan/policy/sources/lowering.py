"""Lowering: one schema as its version writes it, rewritten in place to JSON Schema 2020-12.

Nodes keep their shape, so a pointer below a key leads to the line in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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


@dataclass(slots=True)
class _Here:
    """One node being lowered, and what has come of it.

    in_place: it looks at the value of the key itself. absent: names that its direction leaves out.
    """

    node: Node
    spot: Spot
    walk: Walk
    in_place: bool
    absent: frozenset[str]
    lowered: Node = field(default_factory=dict)

    def at(self, word: str) -> Spot:
        """The place of a keyword."""
        return self.spot[0], f"{self.spot[1]}/{escape(word)}"

    def problem(self, word: str, reason: str) -> None:
        """Keep that a keyword cannot be checked."""
        self.walk.problem(self.at(word), reason)


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
        here = _Here(node, spot, walk, in_place, absent)
        for word in node:
            act = self._words.get(word)
            if act is Act.DROP or act is Act.SKIP:
                continue
            if act is Act.KEEP:
                self._keep(here, word)
            elif act is None:
                self._unknown(here, word)
            elif act is Act.OWN:
                self._own(here, word)
            else:
                self._deep(here, word, act)
        return here.lowered

    def _keep(self, here: _Here, word: str) -> None:
        value = here.node[word]
        is_sound, wanted = SOUND[word]
        if not is_sound(value):
            here.problem(word, f"`{word}` must be {wanted}")
            return
        if isinstance(value, float) and word.startswith(("max", "min")) and value.is_integer():
            value = int(value)
        here.lowered[word] = value

    def _deep(self, here: _Here, word: str, act: Act) -> None:
        """A keyword that holds schemas."""
        value, at = here.node[word], here.at(word)
        stays = here.in_place and word in IN_PLACE
        absent = here.absent if word in IN_PLACE else frozenset[str]()

        def inner(one: object, spot: Spot) -> object:
            return self.node(one, spot, here.walk, in_place=stays, absent=absent)

        if act is Act.SCHEMA:
            is_flag = word == "additionalProperties" and isinstance(value, bool)
            here.lowered[word] = value if is_flag else inner(value, at)
        elif act is Act.LIST and isinstance(value, list) and value:
            here.lowered[word] = [
                inner(one, (at[0], f"{at[1]}/{i}")) for i, one in enumerate(value)
            ]
        elif act is Act.MAP and isinstance(value, dict):
            here.lowered[word] = {
                name: inner(one, (at[0], f"{at[1]}/{escape(name)}")) for name, one in value.items()
            }
        else:
            kind = "list of schemas" if act is Act.LIST else "mapping"
            here.problem(word, f"`{word}` must be a {kind}")

    def _own(self, here: _Here, word: str) -> None:
        """A keyword with code of its own."""
        value = here.node[word]
        if word == "type":
            self._type(here)
        elif word == "properties":
            self._properties(here)
        elif word == "required":
            self._required(here)
        elif word in ("$ref", "$dynamicRef"):
            self.references.reference(
                here.lowered, word, value, here.spot, here.walk, here.in_place
            )
        elif word in ("exclusiveMaximum", "exclusiveMinimum"):
            self._exclusive(here, word)
        elif word == "discriminator":
            self.references.discriminator(here.lowered, value, here.at(word), here.walk)
        elif word == "nullable":
            self._nullable(here)
        elif word == "xml" and self.maps_xml:
            here.lowered[word] = self._xml(value)
        elif word == "$schema" and isinstance(value, str) and not is_known_dialect(value):
            here.problem(word, f"schema dialect `{value}` is not supported")

    # ---- single keywords ------------------------------------------------------------------

    def _type(self, here: _Here) -> None:
        node, value = here.node, here.node["type"]
        names = value if isinstance(value, list) else [value]
        if not names or not all(isinstance(name, str) and name in TYPES for name in names):
            if value == "file" and self._dialect == "2.0":
                here.lowered.update({"type": "string", "format": "binary"})
                return
            here.problem("type", f"type `{value}` is not one of JSON Schema")
            return
        if not self._is_2020 and (isinstance(value, list) or value == "null"):
            self._tell_newer(here, "type", f"`type: {value}`")
        is_nullable = self._dialect == "3.0" and node.get("nullable") is True
        if is_nullable and "null" not in names:
            names = [*names, "null"]
        here.lowered["type"] = names[0] if len(names) == 1 else names

    def _nullable(self, here: _Here) -> None:
        node, value = here.node, here.node["nullable"]
        if not isinstance(value, bool):
            here.problem("nullable", "`nullable` must be `true` or `false`")
            return
        if not value or not here.walk.first:
            return
        listed, at = node.get("enum"), here.at("nullable")
        if "type" not in node:
            message = "`nullable` has no effect without `type` beside it"
            self._notes.warn(at, "description.nullable", message, "write `type` in the same schema")
        elif isinstance(listed, list) and None not in listed:
            message = "`nullable` has no effect here: `enum` does not list null"
            self._notes.warn(at, "description.nullable", message, "add `null` to `enum`")

    def _exclusive(self, here: _Here, word: str) -> None:
        node, value = here.node, here.node[word]
        if isinstance(value, int | float) and not isinstance(value, bool):
            here.lowered[word] = value
            if not self._is_2020:
                self._tell_newer(here, word, f"`{word}` with a number")
        elif isinstance(value, bool) and not self._is_2020:
            bound = "maximum" if word == "exclusiveMaximum" else "minimum"
            limit = node.get(bound)
            if value and isinstance(limit, int | float) and not isinstance(limit, bool):
                here.lowered[word] = limit
        else:
            wanted = "a number" if self._is_2020 else "`true` or `false`"
            here.problem(word, f"`{word}` must be {wanted}")

    def _required(self, here: _Here) -> None:
        value, absent = here.node["required"], here.absent
        if not is_names(value) or not isinstance(value, list):
            here.problem("required", "`required` must be a list of names, none twice")
        else:
            names = [name for name in value if name not in absent] if absent else value
            if names:
                here.lowered["required"] = names

    def _properties(self, here: _Here) -> None:
        value, at, walk = here.node["properties"], here.at("properties"), here.walk
        if not isinstance(value, dict):
            here.problem("properties", "`properties` must be a mapping")
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
        here.lowered["properties"] = properties

    def _xml(self, value: object) -> object:
        """What counts of an `xml` object; the core tells what of it cannot be followed."""
        words = _XML_3_2 if self._dialect == "3.2" else _XML
        if not isinstance(value, dict):
            return value
        return {word: value[word] for word in words if word in value}

    # ---- notes ----------------------------------------------------------------------------

    def _tell_newer(self, here: _Here, word: str, what: str) -> None:
        """A form of a later version; told at the first walk."""
        if here.walk.first:
            message = f"{what} belongs to OpenAPI 3.1; it is read as there"
            self._notes.warn(here.at(word), "description.newer-keyword", message)

    def _unknown(self, here: _Here, word: str) -> None:
        if word.startswith("x-") or not here.walk.first:
            return
        at = here.at(word)
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
