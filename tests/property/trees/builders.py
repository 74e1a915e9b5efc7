"""One app of each framework out of a tree. Each handler leaves its number in `reached`.

The canary believes `X-HTTP-Method-Override`, as layers inside many apps do.
"""

from __future__ import annotations

import inspect
import itertools
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from tests.property.trees.tree import Group, Leaf, Piece, Tree

Reached = list[tuple[int, str]]
OVERRIDE = "x-http-method-override"


def path_of(pieces: Sequence[Piece], spelled: Callable[[Piece], str]) -> str:
    """The path of some segments, without a closing slash."""
    return "".join(f"/{one.before}{spelled(one) if one.name else ''}{one.after}" for one in pieces)


def _leaf_path(leaf: Leaf, spelled: Callable[[Piece], str], *, bare: str = "/") -> str:
    path = path_of(leaf.pieces, spelled)
    return f"{path}/" if leaf.slash and path else path or bare


def _curly(one: Piece) -> str:
    return f"{{{one.name}}}" if one.kind == "str" else f"{{{one.name}:{one.kind}}}"


def starlette(tree: Tree, reached: Reached) -> Any:
    """Routes, mounts of routes and mounts of apps."""
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route, Router

    def handler(leaf: Leaf) -> Any:
        async def view(request: Any) -> Any:
            reached.append((leaf.number, request.headers.get(OVERRIDE, request.method)))
            return PlainTextResponse("canary")

        return view

    def routes(items: Sequence[Leaf | Group]) -> list[Any]:
        made: list[Any] = []
        for one in items:
            if isinstance(one, Leaf):
                path = _leaf_path(one, _curly)
                made.append(Route(path, handler(one), methods=list(one.methods)))
                continue
            inner = routes(one.items)
            app: Any = (Router(inner), Starlette(routes=inner), None)[one.style]
            prefix = path_of(one.pieces, _curly)
            made.append(Mount(prefix, app=app) if app else Mount(prefix, routes=inner))
        return made

    return Starlette(routes=routes(tree.items))


def fastapi(tree: Tree, reached: Reached) -> Any:
    """Included routers, nested, and mounted apps with a document of their own."""
    from fastapi import APIRouter, FastAPI, Request

    def handler(leaf: Leaf, above: tuple[Piece, ...]) -> Any:
        async def view(request: Request, **_given: Any) -> str:
            reached.append((leaf.number, request.headers.get(OVERRIDE, request.method)))
            return "canary"

        places = inspect.Parameter.KEYWORD_ONLY
        kinds = {"int": int, "str": str, "path": str}
        names = [one for one in (*above, *leaf.pieces) if one.name]
        view.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("request", places, annotation=Request),
             *(inspect.Parameter(one.name, places, annotation=kinds[one.kind]) for one in names)]
        )  # fmt: skip
        return view

    def spelled(one: Piece) -> str:
        return f"{{{one.name}:path}}" if one.kind == "path" else f"{{{one.name}}}"

    def fill(router: Any, items: Sequence[Leaf | Group], above: tuple[Piece, ...]) -> None:
        for one in items:
            if isinstance(one, Leaf):
                path = _leaf_path(one, spelled, bare="" if above else "/")
                unique = f"leaf{one.number}"
                router.add_api_route(
                    path, handler(one, above), methods=list(one.methods), name=unique,
                    operation_id=unique, include_in_schema=one.style > 0,
                )  # fmt: skip
                continue
            prefix = path_of(one.pieces, spelled)
            if one.style == 0 and isinstance(router, FastAPI):
                inner = FastAPI()
                fill(inner, one.items, ())
                router.mount(prefix, inner)
                continue
            included = APIRouter()
            fill(included, one.items, (*above, *one.pieces))
            router.include_router(included, prefix=prefix)

    app = FastAPI()
    fill(app, tree.items, ())
    return app


def litestar(tree: Tree, reached: Reached) -> Any:
    """Handlers and routers."""
    from litestar import HttpMethod, Litestar, Request, Router, route

    def handler(leaf: Leaf, path: str) -> Any:
        methods = [HttpMethod[one] for one in leaf.methods]

        async def view(request: Request[Any, Any, Any]) -> None:
            reached.append((leaf.number, request.headers.get(OVERRIDE, request.method)))

        return route(path, http_method=methods, status_code=200, name=f"l{leaf.number}")(view)

    def spelled(one: Piece) -> str:
        return f"{{{one.name}:{one.kind}}}"

    def made(items: Sequence[Leaf | Group]) -> list[Any]:
        return [
            handler(one, _leaf_path(one, spelled)) if isinstance(one, Leaf)
            else Router(path_of(one.pieces, spelled), route_handlers=made(one.items))
            for one in items
        ]  # fmt: skip

    return Litestar(route_handlers=made(tree.items), openapi_config=None)


def _angled(one: Piece) -> str:
    return f"<{one.name}>" if one.kind == "str" else f"<{one.kind}:{one.name}>"


def _werkzeug(
    tree: Tree, reached: Reached, app: Any, blueprint: Any, request: Any, sync: bool
) -> Any:
    numbers = itertools.count()

    def handler(leaf: Leaf) -> Any:
        def view(**_given: Any) -> str:
            reached.append((leaf.number, request.headers.get(OVERRIDE, request.method)))
            return "canary"

        async def waited(**_given: Any) -> str:
            return view()

        return view if sync else waited

    def fill(place: Any, items: Sequence[Leaf | Group], prefix: str) -> None:
        for one in items:
            if isinstance(one, Leaf):
                path = prefix + _leaf_path(one, _angled, bare="" if prefix else "/")
                options = {"strict_slashes": one.style > 0}
                place.add_url_rule(
                    path or "/", f"l{one.number}", handler(one), methods=list(one.methods),
                    **options,
                )  # fmt: skip
            elif one.style == 0:
                fill(place, one.items, prefix + path_of(one.pieces, _angled))
            else:
                inner = blueprint(f"b{next(numbers)}", __name__)
                fill(inner, one.items, "")
                place.register_blueprint(inner, url_prefix=prefix + path_of(one.pieces, _angled))

    fill(app, tree.items, "")
    return app


def flask(tree: Tree, reached: Reached) -> Any:
    """Rules and blueprints, nested."""
    from flask import Blueprint, Flask, request

    return _werkzeug(tree, reached, Flask(__name__, static_folder=None), Blueprint, request, True)


def quart(tree: Tree, reached: Reached) -> Any:
    """Rules and blueprints, nested."""
    from quart import Blueprint, Quart, request

    return _werkzeug(tree, reached, Quart(__name__, static_folder=None), Blueprint, request, False)


_SEEN = itertools.count()


def _typed(one: Piece) -> str:
    return f"<{one.kind}:{one.name}>"


def _regex(leaf: Leaf) -> str:
    kinds = {"str": "[^/]+", "int": "[0-9]+", "path": ".+"}
    text = "/".join(
        one.before
        + (f"(?P<{one.name}>{kinds[one.kind]})" if one.name else "")
        + one.after.replace(".", r"\.")
        for one in leaf.pieces
    )
    return f"^{text}{'/' if leaf.slash and text else ''}$"


def _patterns(items: Sequence[Leaf | Group], view: Callable[[Leaf], Any]) -> list[Any]:
    from django.urls import include, path, re_path

    made: list[Any] = []
    for one in items:
        if isinstance(one, Group):
            prefix = path_of(one.pieces, _typed).removeprefix("/")
            made.append(path(f"{prefix}/", include(_patterns(one.items, view))))
        elif one.style == 3:
            made.append(re_path(_regex(one), view(one)))
        else:
            made.append(path(_leaf_path(one, _typed).removeprefix("/"), view(one)))
    return made


def _urls(tree: Tree, reached: Reached) -> None:
    """The project's URL patterns are those of `tree` from here on."""
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.urls import clear_url_caches
    from django.views import View
    from django.views.decorators.http import require_http_methods

    def note(leaf: Leaf, request: HttpRequest) -> HttpResponse:
        reached.append((leaf.number, request.headers.get(OVERRIDE) or str(request.method)))
        return HttpResponse("canary")

    def view(leaf: Leaf) -> Any:
        def plain(request: HttpRequest, **_given: Any) -> HttpResponse:
            return note(leaf, request)

        if leaf.style == 0:
            return plain
        if leaf.style == 1:
            return require_http_methods([*leaf.methods, "HEAD"])(plain)

        def method(_self: Any, request: HttpRequest, **_given: Any) -> HttpResponse:
            return note(leaf, request)

        members = {one.lower(): method for one in leaf.methods}
        canary: Any = type("Canary", (View,), members)
        return canary.as_view()

    name = f"tests.property.trees.urls{next(_SEEN)}"
    module = ModuleType(name)
    module.urlpatterns = _patterns(tree.items, view)  # type: ignore[attr-defined]
    sys.modules.pop(settings.ROOT_URLCONF, None)
    sys.modules[name] = module
    settings.ROOT_URLCONF = name
    clear_url_caches()


def prepare_django() -> None:
    """The settings of this process, once."""
    import logging

    import django
    from django.conf import settings

    logging.getLogger("django.request").setLevel(logging.CRITICAL)

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"], ROOT_URLCONF="nothing", APPEND_SLASH=True, INSTALLED_APPS=[],
            MIDDLEWARE=["django.middleware.common.CommonMiddleware"], LOGGING_CONFIG=None,
        )  # fmt: skip
        django.setup()


def django_wsgi(tree: Tree, reached: Reached) -> Any:
    """Patterns and includes, behind WSGI."""
    prepare_django()
    from django.core.handlers.wsgi import WSGIHandler

    _urls(tree, reached)
    return WSGIHandler()


def django_asgi(tree: Tree, reached: Reached) -> Any:
    """Patterns and includes, behind ASGI."""
    prepare_django()
    from django.core.handlers.asgi import ASGIHandler

    _urls(tree, reached)
    return ASGIHandler()
