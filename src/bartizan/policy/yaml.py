"""YAML to plain Python data: the C parser's events under our own YAML 1.2 core schema.

PyYAML's constructors are never used: they turn `no` into False and `1:30` into 90 and keep the
last of two equal keys. Aliases are counted, tags and several documents in one file are refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import yaml as pyyaml

from bartizan.model.diagnostics import excerpt
from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.pointer import escape, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator


Event = Any
"""An event of PyYAML, whose stubs leave out what the C parser sets."""
Mark = Any

_Loader: type = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)
"""libyaml's parser; the pure-Python one gives the same events where libyaml is missing."""

DEPTH_MAX = 200
NODES_MAX = 2_000_000
"""Nodes of one document with every alias written out: alias bombs end here."""

_INT = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("0123456789+-.")
_STRING_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {_STRING_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}


def scalar(text: str) -> object:
    """A plain scalar by the YAML 1.2 core schema.

    Raises ValueError for `.inf` and `.nan`, which JSON cannot hold, and for numbers beyond it.
    Source: YAML 1.2.2 section 10.3.2.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _RADIX.fullmatch(text):
        return int(text, 0)
    if _NOT_FINITE.fullmatch(text):
        message = f"`{text}` is not a number that JSON can hold"
        raise ValueError(message)
    return text


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        message = f"`{text[:40]}` is too large a number"
        raise ValueError(message)
    return number


def parse(text: str, file: str) -> object:
    """The data of the one document in `text`; every mapping key as its own text.

    Raises Fault: "yaml.syntax", "yaml.duplicate-key", "yaml.several-documents", "yaml.tag",
    "yaml.alias", "yaml.too-deep", "yaml.number", "yaml.key". Cost: O(len(text)); data behind an
    alias is shared, not copied.
    """
    return _Builder(text, file).build()


class _Builder:
    """Folds events into data with an explicit stack: nesting cannot overflow Python's."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._anchors: dict[str, tuple[object, int]] = {}
        self._nodes = 0
        self._merged: dict[int, set[str]] = {}

    def build(self) -> object:
        try:
            return self._document(events_of(self._text))
        except pyyaml.YAMLError as error:
            raise self._syntax(error) from None

    def _document(self, events: Iterator[Event]) -> object:  # noqa: C901, PLR0912, PLR0915 -- one hot loop
        root: object = None
        documents = 0
        stack: list[tuple[object, str | None, str | None, int]] = []
        holder: object = None
        key: str | None = None
        scalar_event, alias_event = pyyaml.ScalarEvent, pyyaml.AliasEvent
        map_start, sequence_start = pyyaml.MappingStartEvent, pyyaml.SequenceStartEvent
        ends = (pyyaml.MappingEndEvent, pyyaml.SequenceEndEvent)
        for event in events:
            kind = type(event)
            self._nodes += 1
            if kind is scalar_event:
                if key is None and type(holder) is dict:
                    key = self._key(event, holder)
                    continue
                value = self._scalar(event)
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
            elif kind is map_start or kind is sequence_start:
                if key is None and type(holder) is dict:
                    self._refuse("yaml.key", "a mapping key must be a plain text", event)
                if event.tag is not None and event.tag not in _PLAIN_TAGS:
                    self._refuse("yaml.tag", f"tag `{event.tag}` is not supported", event)
                if len(stack) >= DEPTH_MAX:
                    self._refuse("yaml.too-deep", f"nested deeper than {DEPTH_MAX}", event)
                stack.append((holder, key, event.anchor, self._nodes))
                holder, key = ({} if kind is map_start else []), None
                continue
            elif kind in ends:
                value = holder
                holder, key, anchor, begun = stack.pop()
                if anchor:
                    self._anchors[anchor] = (value, self._nodes - begun + 1)
            elif kind is alias_event:
                if key is None and type(holder) is dict:
                    self._refuse("yaml.key", "a mapping key must be a plain text", event)
                value = self._alias(event)
            else:
                if kind is pyyaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self._refuse(
                            "yaml.several-documents",
                            "a second document begins here",
                            event,
                            "take it out",
                        )
                continue
            if type(holder) is dict and key is not None:
                if key == "<<":
                    self._merge(holder, value, event)
                else:
                    holder[key] = value
                key = None
            elif type(holder) is list:
                holder.append(value)
            else:
                root = value
        return root

    def _key(self, event: Event, holder: dict[str, object]) -> str:
        key: str = event.value
        if event.anchor:
            self._anchors[event.anchor] = (key, 1)
        if key in holder and not self._is_merged(holder, key):
            message = f"key `{key}` stands twice in one mapping"
            self._refuse("yaml.duplicate-key", message, event, "take it out")
        return key

    def _scalar(self, event: Event) -> object:
        text: str = event.value
        tag: str | None = event.tag
        if tag is not None:
            if tag not in _PLAIN_TAGS:
                message = f"tag `{tag}` is not supported"
                self._refuse("yaml.tag", message, event, f"write `{text}`")
            return text
        if not event.implicit[0]:
            return text
        try:
            return scalar(text)
        except ValueError as error:
            self._refuse("yaml.number", str(error)[:100], event)

    def _alias(self, event: Event) -> object:
        known = self._anchors.get(event.anchor)
        if known is None:
            self._refuse(
                "yaml.alias", f"alias `*{event.anchor}` has no finished anchor before it", event
            )
        value, weight = known
        self._nodes += weight
        if self._nodes > NODES_MAX:
            self._refuse("yaml.alias", f"aliases write out to more than {NODES_MAX} nodes", event)
        return value

    def _merge(self, holder: dict[str, object], value: object, event: Event) -> None:
        """`<<`: YAML 1.1's merge, which API descriptions still use; keys written here win."""
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if not isinstance(part, dict):
                self._refuse("yaml.alias", "`<<` merges mappings only", event)
            for key, merged in part.items():
                if key not in holder:
                    holder[key] = merged
                    self._merged.setdefault(id(holder), set()).add(key)

    def _is_merged(self, holder: dict[str, object], key: str) -> bool:
        return key in self._merged.get(id(holder), ())

    def _refuse(self, code: str, message: str, event: Event, hint: str = "") -> NoReturn:
        mark, end = event.start_mark, event.end_mark
        told = self._diagnostic(code, message, mark.line + 1, mark.column + 1)
        length = end.column - mark.column if end.line == mark.line else 1
        raise Fault([replace(told, hint=hint, length=max(length, 1))])

    def _syntax(self, error: pyyaml.YAMLError) -> Fault:
        from bartizan.policy.slips import slip, yaml_repairs

        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        told = self._diagnostic("yaml.syntax", str(problem), line, column)
        context = getattr(error, "context_mark", None)
        begun = context.line + 1 if context else line
        found = slip(self._text, line, yaml_repairs, _is_yaml)
        if found is None and begun != line:
            found = slip(self._text, begun, yaml_repairs, _is_yaml)
        if found is None:
            return Fault([told])
        real = self._diagnostic("yaml.syntax", found.message, found.line, found.column)
        return Fault([replace(real, length=found.length, hint=found.hint)])

    def _diagnostic(self, code: str, message: str, line: int, column: int) -> Diagnostic:
        lines = self._text.splitlines()
        snippet, cut = excerpt(lines[line - 1] if 0 < line <= len(lines) else "", column)
        return Diagnostic(
            code=code, message=message, file=self._file, line=line, column=column,
            snippet=snippet, cut=cut,
        )  # fmt: skip


def _is_yaml(text: str) -> bool:
    """Whether libyaml reads `text` as one mapping or list with nothing left over."""
    try:
        kinds = [type(event) for event in events_of(text)]
    except pyyaml.YAMLError:
        return False
    root = kinds[2] if len(kinds) > 2 else None  # noqa: PLR2004 -- behind start of stream and document
    is_single = kinds.count(pyyaml.DocumentStartEvent) == 1
    return is_single and root in (pyyaml.MappingStartEvent, pyyaml.SequenceStartEvent)


class Positions:
    """Lines of a YAML text, by one more pass over its events: only for a line to be shown."""

    def __init__(self, text: str) -> None:
        """Index `text`, which `parse` has accepted. Cost: about 0.25 s a megabyte."""
        self._places: dict[str, tuple[int, int, int, int]] = {"": (0, 0, 0, 0)}
        self._links: dict[str, str] = {}
        self._merges: dict[str, list[str]] = {}
        self._index(text)

    def find(self, pointer: str, *, value: bool = False) -> tuple[int, int]:
        """1-based line and column of the key that `pointer` ends with, or of its value.

        Falls back to the nearest ancestor that exists. Cost: O(steps).
        """
        here = ""
        place = self._places[""]
        for token in tokens(pointer):
            step = self._step(here, token)
            if step is None:
                break
            place = self._places[step]
            here = self._links.get(step, step)
        line, column = place[2:] if value else place[:2]
        return (line + 1, column + 1)

    def _step(self, here: str, token: str) -> str | None:
        step = f"{here}/{escape(token)}"
        if step in self._places:
            return step
        merged = (self._links.get(one, one) for one in self._merges.get(here, ()))
        return next((found for one in merged if (found := self._step(one, token))), None)

    def _index(self, text: str) -> None:  # noqa: C901, PLR0912 -- one table of the events' kinds
        anchors: dict[str, str] = {}
        stack: list[tuple[str, int, Mark | None]] = []
        holder, count, name = "", -2, ""
        key: Mark | None = None
        for event in events_of(text):
            if isinstance(event, pyyaml.CollectionEndEvent):
                holder, count, key = stack.pop()
                continue
            if not isinstance(event, pyyaml.NodeEvent):
                continue
            mark: Mark = event.start_mark
            if count == -1 and key is None and isinstance(event, pyyaml.ScalarEvent):
                key, name = mark, escape(event.value)
                continue
            if count == -2:  # noqa: PLR2004 -- the root has no holder
                at, first = "", mark
            elif count == -1:
                at, first, key = f"{holder}/{name}", key or mark, None
            else:
                at, first, count = f"{holder}/{count}", mark, count + 1
                if holder in self._merges:
                    self._merges[holder].append(at)
            self._places[at] = (first.line, first.column, mark.line, mark.column)
            if isinstance(event, pyyaml.AliasEvent):
                self._links[at] = anchors.get(str(event.anchor), at)
            elif event.anchor:
                anchors[event.anchor] = at
            if count == -1 and name == "<<":
                self._merges.setdefault(holder, []).append(at)
            if isinstance(event, pyyaml.CollectionStartEvent):
                if at.endswith("/<<") and isinstance(event, pyyaml.SequenceStartEvent):
                    self._merges[at] = []
                stack.append((holder, count, key))
                is_mapping = isinstance(event, pyyaml.MappingStartEvent)
                holder, count, key = at, -1 if is_mapping else 0, None


def events_of(text: str) -> Iterator[Event]:
    """The events of libyaml."""
    loader = _Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()
