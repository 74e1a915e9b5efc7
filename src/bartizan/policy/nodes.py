"""Nodes of a YAML text with the span of each, for edits that leave the rest as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml as pyyaml

from bartizan.policy.yaml import Mark, events_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Node:
    """kind: `map`, `list`, `scalar` or `alias`. start, end: offsets, end not included.

    Of a collection in block style, `end` is where its last entry ends. column: of its first entry
    or dash, 0-based. text: of a scalar. items: of a list; of a map its values.
    """

    kind: str
    start: int
    end: int
    column: int
    is_flow: bool = True
    text: str = ""
    is_plain: bool = False
    items: list[Node] = field(default_factory=list)
    keys: list[Node] = field(default_factory=list)

    @property
    def is_alias(self) -> bool:
        """Whether what stands here is written elsewhere."""
        return self.kind == "alias"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written where a value could stand."""
        return self.kind == "scalar" and self.start == self.end

    @property
    def is_null(self) -> bool:
        """Whether it is an empty value, written or not."""
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def entries(self) -> list[tuple[Node, Node]]:
        """Key and value of each entry of a map."""
        return list(zip(self.keys, self.items, strict=True)) if self.kind == "map" else []

    def entry(self, step: str | int) -> tuple[Node, Node] | None:
        """What stands at one step of a path: its key, of a list itself, and its value."""
        if self.kind == "list" and isinstance(step, int) and step < len(self.items):
            return self.items[step], self.items[step]
        found = (pair for pair in self.entries if pair[0].text == str(step))
        return next(found, None)

    def value(self, text: str) -> object:
        """What it says, read alone; an alias says nothing here."""
        if self.is_alias:
            return ...
        raw = text[self.start : self.end]
        # Lines of a block go on below its first one, at its own column.
        return parse(f"{' ' * self.column}{raw}" if not self.is_flow else raw, "")


def tree(text: str) -> Node | None:
    """The root of the one document in `text`, which `parse` accepts. Cost: O(len(text))."""
    events = (one for one in events_of(text) if isinstance(one, pyyaml.NodeEvent | _END))
    first = next(events, None)
    return None if first is None else _node(first, events, text)


_END = pyyaml.CollectionEndEvent


def _node(event: Any, events: Iterator[Any], text: str) -> Node:
    mark: Mark = event.start_mark
    start, end, column = mark.index, event.end_mark.index, mark.column
    if isinstance(event, pyyaml.AliasEvent):
        return Node("alias", start, end, column)
    if isinstance(event, pyyaml.ScalarEvent):
        # A block scalar ends where the next token begins.
        end = start + len(text[start:end].rstrip())
        return Node(
            "scalar", start, end, column,
            text=event.value, is_plain=event.implicit[0],
        )  # fmt: skip
    is_map = isinstance(event, pyyaml.MappingStartEvent)
    node = Node("map" if is_map else "list", start, end, column, bool(event.flow_style))
    while not isinstance(inner := next(events), _END):
        if is_map:
            node.keys.append(_node(inner, events, text))
            inner = next(events)
        node.items.append(_node(inner, events, text))
    if node.is_flow:
        closing: Mark = inner.end_mark
        node.end = closing.index
        return node
    node.end = node.items[-1].end
    node.column = node.keys[0].column if is_map else node.column
    return node
