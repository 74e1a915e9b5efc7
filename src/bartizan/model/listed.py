"""Lists as a sentence holds them: the first names, and how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 3) -> str:
    """`A, B, C and 4 more`, as written; empty where there are none. most: names shown, from 1."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def quoted(names: Sequence[str], most: int = 3) -> str:
    """The same, each name in backticks."""
    more = [f"`{one}`" for one in names[:most]] + [""] * (len(names) - most)
    return listed(more, most)
