"""Mends texts by the hints of their faults: one edit each, by span, so that comments stay.

The hint is the only source: what a person reads is what a machine applies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy.slips import AT_MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.model.diagnostics import Diagnostic

# How a hint says what to write: the same thing, spelt right; another thing, by example.
_SAME = re.compile(r"(?:^|, or )(?:did you mean|write) `(?P<text>.+?)`(?:\?|$|,|;| in its place)")
_EXAMPLE = re.compile(r"for example `(?P<text>.+?)`(?:$|;)")
_ALLOWED = re.compile(r"^allowed: `(?P<text>[^`]+)`")
_INSERT = re.compile(r"(?:add|name this API:) `(?P<text>.+?)`(?P<beside> beside it)?")
_INDENT = re.compile(rf"indent it by (?P<depth>\d+) spaces|{AT_MARGIN}")
_REMOVE = re.compile(r"take (?:it|the \w+) out")


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands from `start` to `end` (offsets, end not included) gives way to `text`.

    is_safe: it keeps the meaning that was meant, so `check --fix` makes it.
    """

    start: int
    end: int
    text: str
    is_safe: bool


def edit_of(told: Diagnostic, text: str) -> Edit | None:
    """The edit that the hint of `told` asks for in `text`; None where it names none."""
    start = offset(text, told.line, told.column)
    if start is None:
        return None
    end = start + told.length
    if match := _SAME.search(told.hint):
        # A value of the wrong type loses its quotes; a word keeps them.
        is_word = told.code != "config.wrong-value" and "without quotes" not in told.hint
        new = like(text[start:end], match["text"]) if is_word else match["text"]
        return _replaced(text, start, end, new, is_safe=True)
    if match := _INDENT.search(told.hint):
        begin = text.rfind("\n", 0, start) + 1
        return Edit(begin, start, " " * int(match["depth"] or 0), is_safe=True)
    if match := _EXAMPLE.search(told.hint):
        return _replaced(text, start, end, match["text"], is_safe=False)
    if match := _INSERT.search(told.hint):
        return _inserted(text, start, match["text"], is_beside=match["beside"] is not None)
    if _REMOVE.search(told.hint):
        return _removed(text, start)
    if match := _ALLOWED.search(told.hint):
        return _replaced(text, start, end, match["text"], is_safe=False)
    return None


def _replaced(text: str, start: int, end: int, new: str, *, is_safe: bool) -> Edit:
    if text[start : start + 1] in ("", "\n"):  # An empty value.
        return Edit(start, start, f" {new}", is_safe=False)
    return Edit(start, end, new, is_safe=is_safe)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all edits made; of two that overlap, the first in the text."""
    made: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if edit.start >= done:
            made += [text[done : edit.start], edit.text]
            done = edit.end
    return "".join([*made, text[done:]])


def offset(text: str, line: int, column: int) -> int | None:
    """Where a 1-based place lies in `text`; None where it names none."""
    lines = text.split("\n")
    if not 0 < line <= len(lines) or column < 1:
        return None
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def like(old: str, new: str) -> str:
    """`new` in the quotes of `old`, unless it brings its own."""
    quote = old[:1] if old[:1] in ("'", '"') and old[-1:] == old[:1] and len(old) > 1 else ""
    return new if new[:1] in ("'", '"') or not quote else f"{quote}{new}{quote}"


def _inserted(text: str, start: int, written: str, *, is_beside: bool) -> Edit:
    """A line of its own: inside the mapping of the key at `start`, or else before the place."""
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start) if "\n" in text[start:] else len(text)
    depth = start - begin
    line = text[begin:end].rstrip()
    if is_beside or text[start : start + 1] in "{[" or not re.fullmatch(r"\s*[^\s#]+:", line):
        return Edit(start, start, f"{written}\n{' ' * depth}", is_safe=False)
    return Edit(end, end, f"\n{' ' * (depth + 2)}{written}", is_safe=False)


def _removed(text: str, start: int) -> Edit:
    """The whole line with its end, and what is nested below it."""
    begin = text.rfind("\n", 0, start) + 1
    depth = start - begin
    end = _next_line(text, start)
    while end < len(text):
        following = text[end : _next_line(text, end)]
        if following.strip() and len(following) - len(following.lstrip(" ")) <= depth:
            break
        end += len(following)
    return Edit(begin, end, "", is_safe=False)


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
