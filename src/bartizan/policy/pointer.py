"""JSON Pointer (RFC 6901): write, split, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Missing:
    """The type of `MISSING`."""


MISSING: Final = Missing()
"""What `follow` gives where the pointer leads nowhere; None is a value."""


def members(node: object) -> Mapping[str, object]:
    """The members of an object; of anything else none."""
    return node if isinstance(node, dict) else {}


def escape(token: str) -> str:
    """`token` as one step of a pointer. Source: RFC 6901 section 3."""
    if "~" in token or "/" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def tokens(pointer: str) -> list[str]:
    """The steps of `pointer`, unescaped; empty for the whole document."""
    if not pointer:
        return []
    parts = pointer.removeprefix("/").split("/")
    if "~" not in pointer:
        return parts
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def follow(data: object, pointer: str) -> object:
    """The value at `pointer`, or `MISSING`. Cost: O(steps)."""
    for token in tokens(pointer):
        if isinstance(data, dict):
            data = data.get(token, MISSING)
        elif isinstance(data, list) and token.isdecimal() and int(token) < len(data):
            data = data[int(token)]
        else:
            return MISSING
    return data
