"""Writes an offered change into the text of a config: comments, order and layout stay.

What is written is read again and held against `apply_offer`: a text that would say anything else
is refused, never guessed at.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bartizan.model.errors import Fault
from bartizan.policy.document import is_json, read
from bartizan.policy.edit import Offer, apply_offer, block, scalar
from bartizan.policy.mend import Edit, applied
from bartizan.policy.nodes import Node, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.policy.edit import Path


# A line that is a comment, without its end.
_COMMENT = re.compile(r"( *)#[^\n]*(?=\n)")


class NotWritable(Exception):
    """The change cannot be written into this text; the message says why."""


def amended(text: str, change: Offer) -> str:
    """`text` with the change made. Raises NotWritable. Cost: reads `text` three times."""
    try:
        want = apply_offer(_unshared(text), change)
        made = applied(text, _Writer(text).edits(change))
        same = read("", made.encode()).data == want
    except (Fault, KeyError) as fault:
        raise NotWritable("its place in the file is not what the change needs") from fault
    if not same:
        raise NotWritable("the file writes that place in a way that only a person can change")
    return made


def _unshared(text: str) -> dict[str, object]:
    """What the text says; of what an alias repeats, each place has its own copy."""
    data = read("", text.encode()).data if text.strip() else None
    return json.loads(json.dumps(data)) if isinstance(data, dict) else {}


class _Writer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._is_json = is_json(text)
        self._line_end = "\r\n" if "\r\n" in text else "\n"

    def edits(self, change: Offer) -> list[Edit]:
        root = tree(self._text)
        if root is None or root.is_empty:
            lines = block(change.path, change.action, change.value)
            return [self._below(len(self._text.rstrip()), 0, lines)]
        return list(self._at(root, change.path, change))

    def _at(self, node: Node, path: Path, change: Offer) -> Iterator[Edit]:
        """The edits below `node`, of what remains of the path."""
        if node.is_alias:
            raise NotWritable("an alias stands there: what it names is used elsewhere too")
        if not path:
            yield from self._put(node, change)
            return
        entry = node.entry(path[0])
        if entry is None:
            if node.kind != "map":
                raise KeyError(path[0])
            yield self._add(node, path, change)
        elif entry[1].is_empty and not node.is_flow:
            lines = block(path[1:], change.action, change.value)
            yield self._below(entry[1].end, node.column + 2, lines)
        else:
            yield from self._at(entry[1], path[1:], change)

    def _put(self, node: Node, change: Offer) -> Iterator[Edit]:
        if change.action == "set" and isinstance(change.value, dict) and node.kind == "map":
            yield from self._merge(node, change.value)
        elif change.action == "set":
            yield from self._replace(node, change.value)
        elif node.kind == "list":
            yield from self._append(node, change.value)
        elif node.kind == "scalar":
            kept = [] if node.is_null else [self._text[node.start : node.end]]
            items = ", ".join([*kept, self._flow(change.value)])
            yield self._instead(node, f"[{items}]")
        else:
            raise KeyError(change.path[-1])

    def _replace(self, node: Node, value: object) -> Iterator[Edit]:
        if node.kind == "list" and isinstance(value, list):
            old, new = [one.value(self._text) for one in node.items], value
            if new[: len(old)] == old:
                for one in new[len(old) :]:
                    yield from self._append(node, one)
                return
        if node.kind != "scalar" and "#" in self._text[node.start : node.end]:
            raise NotWritable("a comment stands inside of what the change replaces")
        yield self._instead(node, self._flow(value))

    def _instead(self, node: Node, written: str) -> Edit:
        """In place of the node; an empty one stands right behind its colon."""
        blank = " " if node.start == node.end else ""
        return Edit(node.start, node.end, f"{blank}{written}", is_safe=True)

    def _append(self, node: Node, value: object) -> Iterator[Edit]:
        if value in (one.value(self._text) for one in node.items):
            return
        if node.is_flow:
            yield self._into_flow(node, self._flow(value))
            return
        is_flow = node.items[-1].is_flow or not isinstance(value, dict)
        lines = [f"- {self._flow(value)}"] if is_flow else block((), "append", value)
        yield self._below(node.end, node.column, lines)

    def _merge(self, node: Node, value: dict[str, object]) -> Iterator[Edit]:
        """Only the keys that differ: what is said of the others stays as it is."""
        if node.is_flow and not {key.text for key in node.keys} & set(value):
            yield from self._replace(node, value)
            return
        for key, inner in node.entries:
            if key.text not in value:
                yield self._without(node, key, inner)
            elif inner.value(self._text) != value[key.text]:
                if inner.is_alias:
                    raise NotWritable("an alias stands there: what it names is used elsewhere too")
                yield from self._put(inner, Offer("", (key.text,), "set", value[key.text]))
        known = {key.text for key, _inner in node.entries}
        for name, one in value.items():
            if name not in known:
                yield self._add(node, (name,), Offer("", (name,), "set", one))

    def _add(self, node: Node, path: Path, change: Offer) -> Edit:
        if node.is_flow:
            value = change.value if change.action == "set" else [change.value]
            for step in reversed(path[1:]):
                value = {str(step): value}
            return self._into_flow(node, f"{self._key(path[0])}: {self._flow(value)}")
        return self._below(node.end, node.column, block(path, change.action, change.value))

    def _into_flow(self, node: Node, written: str) -> Edit:
        """Behind the last entry, before the bracket that closes."""
        inner = node.items
        if not inner:
            blank = " " if node.kind == "map" else ""
            return Edit(node.start + 1, node.end - 1, f"{blank}{written}{blank}", is_safe=True)
        last, first = inner[-1].end, (node.keys or inner)[-1].start
        indent = self._text[self._text.rfind("\n", 0, first) + 1 : first]
        if indent.isspace() and "\n" in self._text[node.start : first]:
            # One entry a line.
            return Edit(last, last, f",{self._line_end}{indent}{written}", is_safe=True)
        between = self._text[last : node.end - 1]
        at = last + between.find(",") + 1 if between.strip().startswith(",") else last
        return Edit(at, at, f"{' ' if at > last else ', '}{written}", is_safe=True)

    def _below(self, at: int, column: int, lines: list[str]) -> Edit:
        """Lines of their own below the one that ends at or behind `at`, and its comments."""
        end = self._text.find("\n", at)
        while (deeper := _COMMENT.match(self._text, end + 1)) and len(deeper[1]) > column:
            end = deeper.end()
        at = len(self._text) if end < 0 else end + 1
        start = "" if end >= 0 or not self._text else self._line_end
        written = "".join(f"{' ' * column}{line}{self._line_end}" for line in lines)
        return Edit(at, at, f"{start}{written}", is_safe=True)

    def _without(self, node: Node, key: Node, value: Node) -> Edit:
        """Takes one entry out, with its lines where they are its own."""
        at = next(i for i, (one, _value) in enumerate(node.entries) if one is key)
        begin = self._text.rfind("\n", 0, key.start) + 1
        if not node.is_flow and not self._text[begin : key.start].strip():
            end = self._text.find("\n", value.end)
            return Edit(begin, len(self._text) if end < 0 else end + 1, "", is_safe=True)
        if at + 1 < len(node.entries):
            return Edit(key.start, node.entries[at + 1][0].start, "", is_safe=True)
        before = node.entries[at - 1][1].end if at else key.start
        return Edit(before, value.end, "", is_safe=True)

    def _key(self, step: str | int) -> str:
        return json.dumps(str(step)) if self._is_json else scalar(str(step))

    def _flow(self, value: object) -> str:
        """On one line, in the manner of the file."""
        if self._is_json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict) and value:
            inner = ", ".join(f"{scalar(name)}: {self._flow(one)}" for name, one in value.items())
            return f"{{ {inner} }}"
        if isinstance(value, list):
            return f"[{', '.join(map(self._flow, value))}]"
        return scalar(value)
