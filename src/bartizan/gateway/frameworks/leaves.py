"""What one route of Starlette or FastAPI is: its path, what is mounted, what it unfolds to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

SINGLE = frozenset(("StringConvertor", "IntegerConvertor", "FloatConvertor", "UUIDConvertor"))
"""Convertors that take one segment."""


@dataclass(frozen=True, slots=True)
class Found:
    """One route below its mounts. is_socket: a WebSocket's."""

    chain: tuple[int, ...]
    written: str
    methods: tuple[str, ...]
    is_hidden: bool = False
    is_socket: bool = False


def unfolded(routes: Any) -> Iterator[Any]:
    """FastAPI keeps an included router as one route of its own kind."""
    for one in routes:
        candidates = getattr(one, "effective_candidates", None)
        if callable(candidates):
            yield from unfolded(candidates())
        else:
            yield getattr(one, "starlette_route", None) or one


def inner_of(leaf: Any) -> Any:
    """What a mount or host leads to, where its routes can be read."""
    if not hasattr(leaf, "routes") or not hasattr(leaf, "app"):
        return None
    inner = getattr(leaf, "_base_app", leaf.app)
    return inner if isinstance(getattr(inner, "routes", None), list) else None


def written(leaf: Any) -> str:
    """Its path as for a label, without what stands above it."""
    if hasattr(leaf, "host"):
        return ""
    path = cast("str", leaf.path_format if hasattr(leaf, "path_format") else leaf.path)
    if hasattr(leaf, "routes"):
        path = path.removesuffix("/{path}")
    for name, convertor in leaf.param_convertors.items():
        if type(convertor).__name__ not in SINGLE:
            path = path.replace(f"{{{name}}}", f"{{*{name}}}")
    return path
