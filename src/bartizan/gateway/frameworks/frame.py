"""Frame: what an adapter tells of one framework: its routes, its document, where a call goes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Of a route that takes any method. HEAD goes with GET; OPTIONS is a browser's preflight."""


@dataclass(frozen=True, slots=True)
class Call:
    """One Request as the router of the app sees it. path: decoded, without `root`."""

    method: str
    path: str
    root: str = ""
    host: str = ""
    is_socket: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One route. label: its path template, see `label.py`. key: what `find` gives for it.

    is_hidden: the framework leaves it out of the document that it makes.
    """

    key: Hashable
    label: str
    methods: tuple[str, ...]
    is_hidden: bool = False


def listed(methods: Iterable[str]) -> tuple[str, ...]:
    """`methods` in order; HEAD is left to the GET beside it."""
    named = set(methods)
    return tuple(sorted(named - {"HEAD"} if "GET" in named else named))


class Frame(Protocol):
    """One app of one framework. Nothing in it changes the app."""

    name: str

    def routes(self) -> Iterable[Route]:
        """Every route, in the order in which the framework tries them."""

    def document(self) -> Mapping[str, object] | None:
        """The OpenAPI document that the framework makes, with paths as in `Route.label`."""

    def find(self, call: Call) -> Hashable | None:
        """The key of the route that the framework takes, or redirects to by a closing slash."""
