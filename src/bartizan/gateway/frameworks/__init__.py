"""Frameworks: what a mount knows of the app that it guards. None is imported before it is found."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.gateway.frameworks.frame import Frame

LAYERS_MAX = 16
_HERE = "bartizan.gateway.frameworks"
# Module and class by which an app is known; adapter and class that read it; name for people.
KNOWN = (
    ("starlette.applications", "Starlette", "starlette", "StarletteFrame", ""),
    ("starlette.routing", "Router", "starlette", "StarletteFrame", ""),
    ("litestar.app", "Litestar", "litestar", "LitestarFrame", ""),
    ("quart.app", "Quart", "werkzeug", "WerkzeugFrame", "Quart"),
    ("flask.app", "Flask", "werkzeug", "WerkzeugFrame", "Flask"),
    ("django.core.handlers.base", "BaseHandler", "django", "DjangoFrame", ""),
)
# Where middleware keeps what it wraps.
INSIDE = ("app", "application", "wsgi_app", "asgi_app", "__self__", "__wrapped__")


def frame_of(app: object) -> Frame | None:
    """The frame of `app`, or of the app inside its middleware; None where it is of no known kind.

    Cost: reads every route. Raises what the framework raises for routes that are wrong.
    """
    for layer in _layers(app):
        for module, name, adapter, frame, told in KNOWN:
            kind = getattr(sys.modules.get(module), name, None)
            if kind is not None and isinstance(layer, kind):
                maker = getattr(import_module(f"{_HERE}.{adapter}"), frame)
                made: Frame = maker(layer, told) if told else maker(layer)
                return made
    return None


def _layers(app: object) -> Iterator[Any]:
    for _ in range(LAYERS_MAX):
        yield app
        by_kind = getattr(app, "application_mapping", None)
        inner = by_kind.get("http") if isinstance(by_kind, dict) else None
        for name in INSIDE:
            inner = inner if inner is not None else getattr(app, name, None)
        if inner is None or inner is app:
            return
        app = inner
