"""Django's patterns as text for a label: `{name}` for one segment, `{*name}` for anything else."""

from __future__ import annotations

import re
from typing import Any

SINGLE = frozenset(("IntConverter", "StringConverter", "SlugConverter", "UUIDConverter"))
_ROUTE = re.compile(r"<(?:[^<>:\s]+:)?([A-Za-z_]\w*)>")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_QUANTIFIER = re.compile(r"[*+?]\??|\{\d*,?\d*\}\??")


def written(pattern: Any) -> str:
    """One pattern, without the prefix of those above it."""
    if hasattr(pattern, "prefix_default_language"):
        return "{*language}/"
    text = str(pattern)
    if not hasattr(pattern, "_route"):
        return _of_regex(text)

    def parameter(found: re.Match[str]) -> str:
        kind = type(pattern.converters.get(found[1])).__name__
        return f"{{{found[1]}}}" if kind in SINGLE else f"{{*{found[1]}}}"

    return _ROUTE.sub(parameter, text)


def _of_regex(regex: str) -> str:
    """A regular expression as its literal text with its groups; what else it holds is `part`."""
    made: list[str] = []
    text = regex.removeprefix("^")
    at = 0
    while at < len(text):
        piece, at = _piece(text, at)
        if piece == "{*part}" and made and made[-1].startswith("{*"):
            continue
        made.append(piece)
    return "".join(made)


def _piece(text: str, at: int) -> tuple[str, int]:
    one = text[at]
    if one == "(":
        named = _GROUP.match(text, at)
        piece, at = f"{{*{named[1] if named else 'part'}}}", _closing(text, at)
    elif one == "[":
        piece, at = "{*part}", text.find("]", at + 2) + 1 or len(text)
    elif one == "\\":
        escaped = text[at + 1 : at + 2]
        literal = "" if escaped in "AZz" else "{*part}" if escaped.isalnum() else escaped
        piece, at = literal, at + 2
    elif one in "$^":
        piece, at = "", at + 1
    elif one in ".|":
        piece, at = "{*part}", at + 1
    else:
        piece, at = one, at + 1
    quantified = _QUANTIFIER.match(text, at)
    if quantified is None:
        return piece, at
    return piece if piece.startswith("{*") else "{*part}", quantified.end()


def _closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`."""
    depth, is_class = 0, False
    while at < len(text):
        one = text[at]
        if one == "\\":
            at += 1
        elif is_class:
            is_class = one != "]"
        elif one == "[":
            is_class = True
        else:
            depth += (one == "(") - (one == ")")
        at += 1
        if depth == 0 and not is_class:
            return at
    return at
