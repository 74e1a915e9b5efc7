"""Starlette and FastAPI: routes, mounts, hosts and included routers; FastAPI's document.

The framework's own `matches` is asked, in its order: the first full match, else the first partial.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from bartizan.gateway.frameworks.frame import METHODS, Call, Route, listed
from bartizan.gateway.frameworks.label import Labels, bare
from bartizan.gateway.frameworks.leaves import Found, inner_of, unfolded, written
from bartizan.gateway.frameworks.routes_document import bare_operation, graft, relabelled

FULL, PARTIAL = 2, 1


class StarletteFrame:
    """One Starlette or FastAPI app."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.name = "FastAPI" if callable(getattr(app, "openapi", None)) else "Starlette"
        self._leaves: dict[int, tuple[Any, int, list[Any]]] = {}
        self._found = tuple(self._walk(app, (), ""))
        labels = Labels()
        self._labels: dict[str, str] = {}
        for one in self._found:
            self._labels[one.written] = labels.distinct(one.written, one.written)

    def routes(self) -> list[Route]:
        """Every route, those of mounted apps in their place."""
        return [
            Route(one.chain, self._labels[one.written], one.methods, one.is_hidden)
            for one in self._found
        ]

    def _walk(self, app: Any, above: tuple[int, ...], prefix: str) -> Iterator[Found]:
        for leaf in self._of(app):
            chain = (*above, id(leaf))
            path = prefix + written(leaf)
            inner = inner_of(leaf)
            if inner is not None:
                yield from self._walk(inner, chain, path)
            elif hasattr(leaf, "routes"):
                yield Found(chain, f"{path}/{{*rest}}", METHODS, is_hidden=True)
            elif hasattr(leaf, "methods"):
                is_shown = getattr(leaf, "include_in_schema", True) and hasattr(leaf, "dependant")
                yield Found(chain, path, listed(leaf.methods or METHODS), not is_shown)
            else:
                yield Found(chain, path, ("GET",), is_socket=True)

    def _of(self, app: Any) -> list[Any]:
        """Routes of one app or mount, included routers unfolded."""
        routes = getattr(app, "routes", ())
        known = self._leaves.get(id(app))
        # A route that came later is found as the framework finds it, and is no Operation.
        if known is None or known[1] != len(routes):
            known = self._leaves[id(app)] = (app, len(routes), list(unfolded(routes)))
        return known[2]

    def document(self) -> Mapping[str, object] | None:
        """FastAPI's document, those of mounted FastAPI apps in it; none for Starlette."""
        if self.name != "FastAPI":
            return None
        made: dict[str, Any] = deepcopy(self._app.openapi())
        made.pop("servers", None)
        for number, (prefix, inner) in enumerate(self._mounted(self._app, "")):
            graft(made, inner.openapi(), prefix, number)
        paths = made.setdefault("paths", {})
        for path, method in self._said_twice():
            paths.get(path, {}).pop(method, None)
        for one in self._found:
            if one.is_socket:
                path = bare(one.written)
                paths.setdefault(path, {}).setdefault("get", bare_operation("GET", path))
        return relabelled(made, {bare(one): made for one, made in self._labels.items()})

    def _said_twice(self) -> Iterator[tuple[str, str]]:
        """Paths and methods of two routes: the document has the last one, the first is served."""
        seen: set[tuple[str, str]] = set()
        for one in self._found:
            for method in () if one.is_socket else one.methods:
                named = bare(one.written), method.lower()
                if named in seen:
                    yield named
                seen.add(named)

    def _mounted(self, app: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for leaf in self._of(app):
            inner = inner_of(leaf)
            if inner is not None:
                path = prefix + written(leaf)
                if callable(getattr(inner, "openapi", None)):
                    yield path, inner
                yield from self._mounted(inner, path)

    def find(self, call: Call) -> Hashable | None:
        """As `Router.app` of Starlette does it."""
        scope = {
            "type": "websocket" if call.is_socket else "http", "method": call.method,
            "path": call.root + call.path, "root_path": call.root,
            "headers": [(b"host", call.host.encode("latin-1"))],
        }  # fmt: skip
        return self._find(self._app, scope, ())

    def _find(self, app: Any, scope: dict[str, Any], above: tuple[int, ...]) -> Hashable | None:
        partial = None
        for leaf in self._of(app):
            match, child = leaf.matches(scope)
            if match.value == FULL:
                return self._enter(leaf, {**scope, **child}, above)
            if match.value == PARTIAL and partial is None:
                partial = (*above, id(leaf))
        if partial is not None or scope["type"] != "http":
            return partial
        return self._slashed(app, scope, above)

    def _enter(self, leaf: Any, scope: dict[str, Any], above: tuple[int, ...]) -> Hashable | None:
        inner = inner_of(leaf)
        if inner is None:
            return (*above, id(leaf))
        return self._find(inner, scope, (*above, id(leaf)))

    def _slashed(self, app: Any, scope: dict[str, Any], above: tuple[int, ...]) -> Hashable | None:
        """The route that a redirect by a closing slash leads to."""
        router = getattr(app, "router", app)
        path = scope["path"]
        if not getattr(router, "redirect_slashes", False) or path.strip("/") == "":
            return None
        turned = {**scope, "path": path.rstrip("/") if path.endswith("/") else path + "/"}
        for leaf in self._of(app):
            match, child = leaf.matches(turned)
            if match.value == FULL:
                return self._enter(leaf, {**turned, **child}, above)
        return None
