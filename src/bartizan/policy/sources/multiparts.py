"""Multipart bodies of requests: whether their parts go by name or by position, and what is at each.

An object goes by name, as in forms; a list goes by position (OpenAPI 3.2, "Encoding By Position").
"""

from __future__ import annotations

from collections.abc import Callable

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form, source
from bartizan.policy.sources.library import Spot
from bartizan.policy.sources.media import MULTIPART, is_json, says_more_than_bytes
from bartizan.policy.sources.parts import Node, Parts, is_schema
from bartizan.policy.sources.paths import at
from bartizan.policy.sources.types import types_of
from bartizan.policy.sources.unheld import strictest_class

Encode = Callable[[object, Spot, Draft], Form]
"""Lowers one Encoding Object."""

_BY_POSITION = ("itemSchema", "prefixEncoding", "itemEncoding")


class Multiparts:
    """Lowers multipart media types of request bodies."""

    def __init__(self, parts: Parts, encode: Encode) -> None:
        """Keep what is found in `parts`."""
        self._parts = parts
        self._encode = encode

    def lower(self, form: Form, name: str, node: Node, spot: Spot, draft: Draft) -> None:
        """Set what `form` says of the parts. name: `multipart/...`."""
        is_ordered = self._is_ordered(name, node, spot, draft)
        schema = node.get("schema")
        if "schema" in node and (not is_ordered or self._is_list(name, schema, spot, draft)):
            self._schema(form, node, "schema", spot, draft)
        elif found := strictest_class(self._parts.library, schema, at(spot, "schema")):
            form["unheld"] = {"class": found[0], "source": source(found[1])}
        encoding = node.get("encoding")
        if is_ordered:
            form["parts"] = self._ordered(form, node, spot, draft)
            if encoding:
                self._parts.not_enforced(f"encodings of `{name}` bodies", at(spot, "encoding"))
        elif isinstance(encoding, dict) and encoding:
            form["encoding"] = {
                field: self._encode(one, at(at(spot, "encoding"), escape(field)), draft)
                for field, one in encoding.items()
            }

    def _is_ordered(self, name: str, node: Node, spot: Spot, draft: Draft) -> bool:
        words = [one for one in _BY_POSITION if one in node and self._parts.version == "3.2"]
        for word in words:
            if word != "itemSchema" and "encoding" in node:
                reason = f"`encoding` and `{word}` exclude each other"
                draft.problems.append((at(spot, "encoding"), reason))
        if words or "schema" not in node:
            return bool(words)
        types = types_of(self._parts, node["schema"], at(spot, "schema"))
        return "object" not in types or (name != MULTIPART and "array" in types)

    def _is_list(self, name: str, schema: object, spot: Spot, draft: Draft) -> bool:
        """Whether the parts are held against `schema`; one that says bytes leaves them open."""
        where = at(spot, "schema")
        if "array" in types_of(self._parts, schema, where):
            return True
        if says_more_than_bytes(schema):
            reason = f"the parts of `{name}` are a list here, and the schema allows none"
            draft.problems.append((where, reason))
        return False

    def _schema(self, form: Form, node: Node, word: str, spot: Spot, draft: Draft) -> None:
        slot = "item" if word == "itemSchema" else "schema"
        where = at(spot, word)
        if is_schema(node[word], self._parts.version):
            self._parts.schema(form, node[word], where, "request", draft, slot=slot)
        else:
            draft.problems.append((where, "a schema is a mapping"))

    def _ordered(self, form: Form, node: Node, spot: Spot, draft: Draft) -> Form:
        made: Form = {"prefix": [], "item": None}
        if self._parts.version != "3.2":
            return made
        if "itemSchema" in node:
            self._schema(form, node, "itemSchema", spot, draft)
        first = node.get("prefixEncoding")
        if "prefixEncoding" in node and not isinstance(first, list):
            draft.problems.append((at(spot, "prefixEncoding"), "`prefixEncoding` must be a list"))
        count = len(first) if isinstance(first, list) else 0
        made["prefix"] = [
            self._place(one, at(at(spot, "prefixEncoding"), str(index)), node, index, spot, draft)
            for index, one in enumerate(first if isinstance(first, list) else ())
        ]
        if "itemEncoding" in node:
            place = at(spot, "itemEncoding")
            made["item"] = self._place(node["itemEncoding"], place, node, count, spot, draft)
        return made

    def _place(
        self, encoding: object, where: Spot, node: Node, index: int, spot: Spot, draft: Draft
    ) -> Form:
        """One encoding. index: the first position that it is for."""
        form = self._encode(encoding, where, draft)
        types = form["content_types"]
        if isinstance(types, list) and types and all(map(_is_bytes, types)):
            for schema, place in self._elements(node, index, spot):
                if "string" not in types_of(self._parts, schema, place, guess=False):
                    listed = ", ".join(types)
                    reason = f"parts of `{listed}` are bytes, and their schema allows no text"
                    draft.problems.append((at(where, "contentType"), reason))
        return form

    def _elements(self, node: Node, index: int, spot: Spot) -> list[tuple[object, Spot]]:
        """The schemas of the part at a position, as far as they are written in one place."""
        found: list[tuple[object, Spot]] = []
        if "itemSchema" in node:
            found.append((node["itemSchema"], at(spot, "itemSchema")))
        schema, where = node.get("schema"), at(spot, "schema")
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            target = self._parts.library.target(schema["$ref"], where)
            if target is not None:
                schema, where = self._parts.library.node(target), target
        if isinstance(schema, dict):
            first = schema.get("prefixItems")
            if isinstance(first, list) and index < len(first):
                found.append((first[index], at(at(where, "prefixItems"), str(index))))
            elif "items" in schema:
                found.append((schema["items"], at(where, "items")))
        return found


def _is_bytes(name: str) -> bool:
    return not is_json(name) and not name.startswith(("text/", "*/", "application/*"))
