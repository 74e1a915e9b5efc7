"""OpenAPI 3.2: the schema of the JSON in the `data` of an event, `contentSchema` in `itemSchema`.

An annotation to JSON Schema, it is how OpenAPI says what an event of `text/event-stream` carries.
"""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form
from bartizan.policy.sources.library import Spot
from bartizan.policy.sources.media import is_json, media_range
from bartizan.policy.sources.parts import Node, Parts
from bartizan.policy.sources.paths import at

_SOME = ("anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "not")
"""Keywords whose schemas hold for some events alone."""


def hold_data(
    parts: Parts, form: Form, item: object, spot: Spot, direction: str, draft: Draft
) -> None:
    """Set `form["data"]` to what the `data` of every event must be; told what cannot be held.

    item: the schema of one event, at `spot`.
    """
    keys: list[str] = []
    for data, where, is_of_all in _found(parts, item, spot, draft, is_of_all=True, seen=set()):
        kind = media_range(str(data.get("contentMediaType", "application/json"))) or ""
        place = at(where, "contentSchema")
        if not is_of_all:
            parts.not_enforced("schemas of the data of some events alone", place)
        elif is_json(kind):
            keys.append(parts.schemas.use(data["contentSchema"], place))
        else:
            parts.not_enforced(f"schemas of `{kind}` in events", place)
    if len(keys) == 1:
        parts.keyed(form, keys[0], direction, draft, slot="data")
    elif keys:
        whole: Node = {"allOf": [parts.schemas.reference(key) for key in keys]}
        draft.keys.update(keys)
        made = parts.schemas.make(at(spot, "contentSchema"), whole)
        parts.keyed(form, made, direction, draft, slot="data")


def _found(
    parts: Parts, item: object, spot: Spot, draft: Draft, *, is_of_all: bool, seen: set[Spot]
) -> Iterator[tuple[Node, Spot, bool]]:
    """Each schema of `data` with a `contentSchema`, its spot, whether it holds for all events."""
    if not isinstance(item, dict) or spot in seen:
        return
    seen.add(spot)
    found = parts.follow({"$ref": item["$ref"]}, spot, draft) if "$ref" in item else None
    if found is not None:
        yield from _found(parts, *found, draft, is_of_all=is_of_all, seen=seen)
    properties = item.get("properties")
    data = properties.get("data") if isinstance(properties, dict) else None
    if isinstance(data, dict):
        yield from _of_data(parts, data, at(spot, "properties/data"), draft, is_of_all=is_of_all)
    for word in ("allOf", *_SOME):
        for one, where in _members(item.get(word), at(spot, word)):
            sure = is_of_all and word == "allOf"
            yield from _found(parts, one, where, draft, is_of_all=sure, seen=seen)


def _of_data(
    parts: Parts, data: Node, spot: Spot, draft: Draft, *, is_of_all: bool
) -> Iterator[tuple[Node, Spot, bool]]:
    """The schema of `data` itself, or what it refers to."""
    found = parts.follow(data, spot, draft) if "$ref" in data else None
    for node, where in ((data, spot), *((found,) if found is not None else ())):
        if "contentSchema" in node:
            yield node, where, is_of_all


def _members(node: object, spot: Spot) -> Iterator[tuple[object, Spot]]:
    if isinstance(node, list):
        yield from ((one, at(spot, str(index))) for index, one in enumerate(node))
    elif isinstance(node, dict) and spot[1].endswith("/dependentSchemas"):
        yield from ((one, at(spot, escape(name))) for name, one in node.items())
    else:
        yield node, spot
