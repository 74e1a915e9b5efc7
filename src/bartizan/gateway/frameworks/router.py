"""Router: from a call, by the app's own routes, to the Operation of the Policy it belongs to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bartizan.gateway.frameworks.label import shape

if TYPE_CHECKING:
    from bartizan._core import Exchange
    from bartizan.gateway.frameworks.frame import Call, Frame, Route
    from bartizan.policy.sources import Description

ASKED = b"access-control-request-method"


def is_below(frame: Frame, description: Description) -> bool:
    """Whether the app's routes leave out the base path that the document gives to its servers."""
    routes = {shape(route.label) for route in frame.routes()}
    whole = bare = 0
    for one in description.operations:
        whole += any(shape(base + one.path) in routes for base in one.bases)
        bare += shape(one.path) in routes
    return bare >= whole


class Router:
    """One app's routes and one Policy's Operations. undeclared: routes without an Operation.

    A call that leads to none of them is unknown to the Policy, whatever the app would do with it.
    """

    def __init__(self, frame: Frame, operations: Iterable[str], *, is_own: bool) -> None:
        """is_own: the Operations come of the frame itself, so that labels are the same."""
        self.frame = frame
        self.undeclared: list[str] = []
        exact = {one: index for index, one in enumerate(operations)}
        alike: dict[str, int | None] = {}
        for one, index in exact.items() if not is_own else ():
            method, _, template = one.partition(" ")
            key = f"{method} {shape(template)}"
            alike[key] = index if key not in alike else None
        self._index: dict[tuple[Hashable, str], int] = {}
        for route in frame.routes():
            self._add(route, exact, alike)

    def _add(self, route: Route, exact: dict[str, int], alike: dict[str, int | None]) -> None:
        for method in route.methods:
            named = f"{method} {route.label}"
            index = exact.get(named)
            if index is None:
                index = alike.get(f"{method} {shape(route.label)}")
            if index is not None:
                self._index[route.key, method] = index
            elif method != "HEAD":
                self.undeclared.append(named)

    def operation(self, call: Call) -> int | None:
        """Index of the Operation behind `call`; HEAD is GET's where it has none of its own."""
        found = self.frame.find(call)
        if found is None:
            return None
        index = self._index.get((found, call.method))
        if index is None and call.method == "HEAD":
            index = self._index.get((found, "GET"))
        return index

    def route(self, exchange: Exchange, call: Call, asked: str = "") -> int | None:
        """Tells `exchange` where `call` leads. asked: the method that a preflight asks about."""
        index = self.operation(call)
        other = None
        if asked and call.method == "OPTIONS":
            other = self.operation(replace(call, method=asked))
        exchange.route(index, other)
        return index
