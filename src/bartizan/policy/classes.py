"""Which values of an Operation have a data class (`x-bartizan-data-class`), and where that is said.

The core works by the schemas themselves; what is listed here is for people, and bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bartizan.policy.pointer import escape
from bartizan.policy.sources.keys import key_of_uri, reaching
from bartizan.policy.sources.media import is_json, is_sequence
from bartizan.policy.sources.words import CLASSES, DATA_CLASS, IN_PLACE

if TYPE_CHECKING:
    from bartizan.policy.marks import Marks
    from bartizan.policy.parts import Form
    from bartizan.policy.sources.description import Operation
    from bartizan.policy.sources.library import Spot

LISTED_MAX = 200
"""Most places listed of one Operation."""
_MEMBERS = (("properties", ""), ("patternProperties", "*"))
_INNER = ("additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "contains")
_SLOTS = (("schema", ""), ("item", "/*"), ("data", "/*/data"))
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Classified:
    """One value. field: its place as exceptions write it, `*` for any item; empty = everything.

    spot: the line that says so.
    """

    field: str
    word: str
    spot: Spot


def part_headers(holder: Mapping[str, object]) -> Iterator[Form]:
    """The headers that encodings ask of parts, in what holds `content`."""
    for form in cast("Mapping[str, Form]", holder["content"]).values():
        parts = cast("Form", form.get("parts") or {})
        by_name = cast("Mapping[str, Form]", form.get("encoding") or {}).values()
        first = cast("list[Form]", parts.get("prefix", []))
        for one in (*by_name, *first, cast("Form", parts.get("item") or {})):
            yield from cast("list[Form]", one.get("headers", []))


class Classes:
    """Finds data classes in what Operations take and give."""

    def __init__(self, schemas: Mapping[str, object], marks: Marks) -> None:
        """schemas: all lowered ones, by key."""
        self._schemas = schemas
        self._marks = marks
        self._reach = _reaching(schemas)

    def of(self, operation: Operation) -> list[Classified]:
        """Every classified value, in the order of the message; sets `class` of its parameters."""
        found = [one for form in operation.parameters for one in self._parameter(form, form["in"])]
        if operation.body is not None:
            found += self._content(operation.body, "body")
        for response in operation.responses.values():
            for header in cast("list[Form]", response["headers"]):
                found += self._parameter(header, "response-header")
            found += self._content(response, "response-body")
        unique = dict.fromkeys(found)
        return list(unique)[:LISTED_MAX]

    def _parameter(self, form: Form, place: object) -> list[Classified]:
        where = "query" if place == "querystring" else str(place)
        field = f"{where}:{form['name']}"
        own = self._marks.at(_spot(form), DATA_CLASS)
        found = [Classified(field, *own)] if own else []
        found += self._schema(form.get("schema"), f"{field}#")
        if found:
            form["class"] = strictest(found)
        # The schema of a parameter is the parameter: `query:page`, not `query:page#`.
        return [Classified(one.field.removesuffix("#"), one.word, one.spot) for one in found]

    def _content(self, holder: Form, place: str) -> list[Classified]:
        media = cast("Mapping[str, Form]", holder["content"]).values()
        headers = (self._parameter(one, place) for one in part_headers(holder))
        found = [one for listed in headers for one in listed]
        found += [
            one
            for form in media
            for slot, before in _SLOTS
            for one in self._schema(form.get(slot), f"{place}#{before}")
        ]
        unheld = (cast("Form", form["unheld"]) for form in media if form.get("unheld"))
        return found + [self._unheld(form, place) for form in unheld]

    def _unheld(self, form: Form, place: str) -> Classified:
        """What is known of a body whose schema is not held against it: something in it."""
        spot = _spot(form)
        self._marks.at(spot, DATA_CLASS)
        return Classified(place, str(form["class"]), (spot[0], f"{spot[1]}/{DATA_CLASS}"))

    def uncut(self, operation: Operation) -> Iterator[tuple[str, Spot]]:
        """Types of responses that may hold a secret which cannot be taken out, and their places."""
        for response in operation.responses.values():
            for name, form in cast("Mapping[str, Form]", response["content"]).items():
                slots = ("schema",) if is_sequence(name) else ("schema", "item", "data")
                is_cut = is_json(name) or name.endswith("/*")
                found = [one for slot in slots for one in self._schema(form.get(slot), "")]
                words = {one.word for one in found} if not is_cut else set()
                if unheld := cast("Form | None", form.get("unheld")):
                    words.add(str(unheld["class"]))
                if "secret" in words:
                    yield name, _spot(form)

    def _schema(self, key: object, field: str) -> list[Classified]:
        if not isinstance(key, str) or key not in self._reach:
            return []
        return list(self._walk(self._schemas[key], _spot_of(key), field, (key,)))[:LISTED_MAX]

    def _walk(
        self, node: object, spot: Spot, field: str, keys: tuple[str, ...]
    ) -> Iterator[Classified]:
        """keys: schemas on the way, so that one which refers to itself ends."""
        if not isinstance(node, dict):
            return
        word = node.get(DATA_CLASS)
        if isinstance(word, str):
            self._marks.at(spot, DATA_CLASS)
            yield Classified(field, word, (spot[0], f"{spot[1]}/{DATA_CLASS}"))
        ref = node.get("$ref")
        key = key_of_uri(ref) if isinstance(ref, str) else ""
        if key in self._reach and key not in keys:
            yield from self._walk(self._schemas[key], _spot_of(key), field, (*keys, key))
        for at, inner, step in inside(node):
            yield from self._walk(inner, (spot[0], f"{spot[1]}{at}"), f"{field}{step}", keys)


def strictest(found: list[Classified]) -> str:
    """The strictest class of several."""
    return max((one.word for one in found), key=CLASSES.index)


def inside(node: Node) -> Iterator[tuple[str, object, str]]:
    """Schemas in a schema: pointer, node, and step in the value."""
    for word, shown in _MEMBERS:
        members = node.get(word)
        for name, one in members.items() if isinstance(members, dict) else ():
            yield f"/{word}/{escape(name)}", one, f"/{shown or escape(name)}"
    for word in _INNER:
        yield f"/{word}", node.get(word), "/*"
    for index, one in enumerate(cast("list[object]", node.get("prefixItems", ()))):
        yield f"/prefixItems/{index}", one, f"/{index}"
    for word in IN_PLACE - {"not"}:
        held = node.get(word)
        if isinstance(held, list):
            yield from ((f"/{word}/{i}", one, "") for i, one in enumerate(held))
        elif word == "dependentSchemas" and isinstance(held, dict):
            yield from ((f"/{word}/{escape(n)}", one, "") for n, one in held.items())
        else:
            yield f"/{word}", held, ""


def _reaching(schemas: Mapping[str, object]) -> set[str]:
    """Keys of schemas in which a class is written, or that refer to one. Cost: O(nodes)."""
    refs: dict[str, set[str]] = {}
    marked: set[str] = set()
    for key, schema in schemas.items():
        refs[key] = set()
        for node in _nodes(schema):
            if isinstance(node.get(DATA_CLASS), str):
                marked.add(key)
            if isinstance(ref := node.get("$ref"), str):
                refs[key].add(key_of_uri(ref))
    return reaching(refs, marked)


def _nodes(schema: object) -> Iterator[Node]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _spot(form: Form) -> Spot:
    place = cast("Mapping[str, object]", form["source"])
    return cast("int", place["document"]), str(place["pointer"])


def _spot_of(key: str) -> Spot:
    document, _, pointer = key.partition("#")
    for direction in ("!request", "!response"):
        pointer = pointer.removesuffix(direction)
    return int(document), pointer
