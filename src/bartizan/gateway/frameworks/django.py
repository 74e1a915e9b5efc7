"""Django, behind ASGI and WSGI: its URL patterns, each `include` in its place.

Class-based views and `require_http_methods` say their methods; any other view takes all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from bartizan.gateway.frameworks.frame import METHODS, Call, Route, listed
from bartizan.gateway.frameworks.label import Labels
from bartizan.gateway.frameworks.patterns import written

Chain = tuple[int, ...]


class DjangoFrame:
    """The Django project of this process."""

    name = "Django"

    def __init__(self, _handler: object) -> None:
        from django.conf import settings
        from django.urls import get_resolver

        self._settings = settings
        self._resolver = get_resolver(settings.ROOT_URLCONF)
        labels = Labels()
        self._routes = [
            Route(chain, labels.distinct(raw, f"/{path}"), methods_of(view))
            for chain, raw, path, view in _walk(self._resolver.url_patterns, (), "", "")
        ]

    def routes(self) -> list[Route]:
        """Every view, in the order of its patterns."""
        return self._routes

    def document(self) -> None:
        """Django makes none."""

    def find(self, call: Call) -> Hashable | None:
        """As `URLResolver.resolve`; where APPEND_SLASH redirects, the view it leads to."""
        found = self._find(call.path)
        if found is None and self._appends and not call.path.endswith("/"):
            return self._find(f"{call.path}/")
        return found

    @property
    def _appends(self) -> bool:
        common = "django.middleware.common.CommonMiddleware"
        return bool(self._settings.APPEND_SLASH) and common in self._settings.MIDDLEWARE

    def _find(self, path: str) -> Chain | None:
        matched = self._resolver.pattern.match(path)
        return _search(self._resolver.url_patterns, matched[0], ()) if matched else None


def _walk(
    patterns: Any, above: Chain, before: str, prefix: str
) -> Iterator[tuple[Chain, str, str, Any]]:
    """Chain of ids, pattern as the framework has it, pattern for a label, view."""
    for one in patterns:
        chain, path = (*above, id(one)), prefix + written(one.pattern)
        raw = f"{before}|{one.pattern}"
        if hasattr(one, "url_patterns"):
            yield from _walk(one.url_patterns, chain, raw, path)
        else:
            yield chain, raw, path, one.callback


def _search(patterns: Any, path: str, above: Chain) -> Chain | None:
    for one in patterns:
        for rest in _rests(one.pattern, path):
            chain = (*above, id(one))
            if not hasattr(one, "url_patterns"):
                return chain
            found = _search(one.url_patterns, rest, chain)
            if found is not None:
                return found
    return None


def _rests(pattern: Any, path: str) -> Iterator[str]:
    """What is left of `path`; a language prefix may be any, as none is chosen yet."""
    if not hasattr(pattern, "prefix_default_language"):
        matched = pattern.match(path)
        if matched is not None:
            yield matched[0]
        return
    from django.conf import settings

    for code, _ in settings.LANGUAGES:
        if path.startswith(f"{code}/"):
            yield path.removeprefix(f"{code}/")
    if not pattern.prefix_default_language:
        yield path


def methods_of(view: Any) -> tuple[str, ...]:
    """The methods that a view takes."""
    actions = getattr(view, "actions", None)
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if isinstance(actions, dict):
        return _upper(actions)
    if kind is not None:
        return _upper(name for name in kind.http_method_names if hasattr(kind, name))
    limited: set[str] | None = None
    while view is not None:
        named = _required(view)
        if named is not None:
            limited = named if limited is None else limited & named
        view = getattr(view, "__wrapped__", None)
    return METHODS if limited is None else _upper(limited)


def _required(view: Any) -> set[str] | None:
    """What `require_http_methods` closed over."""
    names = getattr(getattr(view, "__code__", None), "co_freevars", ())
    if "request_method_list" not in names:
        return None
    return set(view.__closure__[names.index("request_method_list")].cell_contents)


def _upper(names: Any) -> tuple[str, ...]:
    """The answer to OPTIONS is made up by the view's class: no Operation."""
    return listed({name.upper() for name in names} - {"OPTIONS"})
