"""Litestar: its routes, its document, and its own router asked for each call."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from bartizan.gateway.frameworks.frame import METHODS, Call, Route, listed
from bartizan.gateway.frameworks.label import Labels
from bartizan.gateway.frameworks.routes_document import relabelled


class LitestarFrame:
    """One Litestar app."""

    name = "Litestar"

    def __init__(self, app: Any) -> None:
        self._app = app
        self._written: dict[str, str] = {}
        # Its tree has one node for all parameters of a place: where one takes the rest, all do.
        self._wide = {
            place
            for route in app.routes
            for place, one in _parameters(route)
            if one.type.__name__ == "Path"
        }
        labels = Labels()
        self._routes: list[Route] = []
        for route in app.routes:
            made = self._label(route, labels)
            self._routes += [
                Route(id(handler), made, methods, is_hidden)
                for handler, methods, is_hidden in _handlers(route)
            ]

    def routes(self) -> list[Route]:
        """Every handler; an answer to OPTIONS that Litestar makes up itself is none."""
        return self._routes

    def _label(self, route: Any, labels: Labels) -> str:
        path = route.path_format
        made = self._written.get(path)
        if made is None:
            text = path
            for place, one in _parameters(route):
                if place in self._wide:
                    text = text.replace(f"{{{one.name}}}", f"{{*{one.name}}}")
            handler = getattr(route, "route_handler", None)
            if getattr(handler, "is_mount", False):
                text = f"{text.rstrip('/')}/{{*rest}}"
            made = self._written[path] = labels.distinct(text, text)
        return made

    def document(self) -> Mapping[str, object] | None:
        """Litestar's own, unless it is turned off."""
        if self._app.openapi_config is None:
            return None
        made = dict(self._app.openapi_schema.to_schema())
        made.pop("servers", None)
        return relabelled(made, self._written)

    def find(self, call: Call) -> Hashable | None:
        """As `ASGIRouter` does it; what it raises is that it knows none."""
        from litestar.exceptions import HTTPException
        from litestar.utils import normalize_path

        method = None if call.is_socket else call.method
        router = self._app.asgi_router
        try:
            _, handler, *_ = router.handle_routing(path=normalize_path(call.path), method=method)
        except HTTPException:
            return None
        return id(handler)


def _parameters(route: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Parameters of a path, each with what stands before it."""
    before: tuple[str, ...] = ()
    for one in route.path_components:
        if not isinstance(one, str):
            yield before, one
        before = (*before, one if isinstance(one, str) else "{}")


def _handlers(route: Any) -> list[tuple[Any, tuple[str, ...], bool]]:
    handlers = getattr(route, "route_handlers", None)
    if handlers is None:
        one = route.route_handler
        is_asgi = hasattr(one, "is_mount")
        return [(one, METHODS if is_asgi else ("GET",), is_asgi)]
    return [
        (one, listed(one.http_methods), not _in_schema(one))
        for one in handlers
        if set(one.http_methods) != {"OPTIONS"} or one.name not in ("", None)
    ]


def _in_schema(handler: Any) -> bool:
    resolve = getattr(handler, "resolve_include_in_schema", None)
    return bool(resolve()) if callable(resolve) else True
