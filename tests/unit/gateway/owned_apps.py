"""The same API with `owns` in every framework; who owns what; and what each app was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from bartizan import owns, protect
from bartizan.gateway.mount import Base
from tests.property.trees.builders import prepare_django

URLS = "tests.unit.gateway.owned_urls"

OWNERS = {"7": "alice", "8": "bob"}
OBJECTS = {"alice": 7, "bob": 8, "nobody": 9, "broken": 0}
RULE: Any = owns("order", "number", or_scope="orders:any")


def owner(number: object) -> str | None:
    """The look-up of every app: ids come as text or as numbers."""
    return OWNERS.get(str(number)) if str(number) != "0" else str(1 // 0)


async def later(number: object) -> str | None:
    return owner(number)


def guarded(app: Any, **more: Any) -> Base:
    made = protect(app, **{"mode": "enforce", "owners": {"order": owner}} | more)
    assert isinstance(made, Base)
    return made


def fastapi(**more: Any) -> Base:
    from fastapi import Depends, FastAPI

    app = FastAPI()

    @app.get("/orders/{number}", dependencies=[Depends(RULE)])
    async def show(number: int) -> dict[str, int]:
        return {"number": number}

    return guarded(app, **more)


def starlette(**more: Any) -> Base:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    @RULE  # type: ignore[untyped-decorator]
    async def show(request: Request) -> JSONResponse:
        return JSONResponse({"number": request.path_params["number"]})

    return guarded(Starlette(routes=[Route("/orders/{number:int}", show)]), **more)


def starlette_sync(**more: Any) -> Base:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    @RULE  # type: ignore[untyped-decorator]
    def show(request: Request) -> JSONResponse:
        return JSONResponse({"number": request.path_params["number"]})

    return guarded(Starlette(routes=[Route("/orders/{number:int}", show)]), **more)


def litestar(**more: Any) -> Base:
    from litestar import Litestar, get
    from litestar.params import FromPath

    @get("/orders/{number:int}", guards=[RULE])
    async def show(number: FromPath[int]) -> dict[str, int]:
        return {"number": number}

    return guarded(Litestar([show], openapi_config=None), **more)


def quart(**more: Any) -> Base:
    from quart import Quart

    app = Quart(__name__)

    @app.get("/orders/<int:number>")
    @RULE  # type: ignore[untyped-decorator]
    async def show(number: int) -> dict[str, int]:
        return {"number": number}

    return guarded(app, **more)


def flask(**more: Any) -> Base:
    from flask import Flask

    app = Flask(__name__)

    @app.get("/orders/<int:number>")
    @RULE  # type: ignore[untyped-decorator]
    def show(number: int) -> dict[str, int]:
        return {"number": number}

    return guarded(app.wsgi_app, **more)


def _django() -> None:
    from django.conf import settings
    from django.urls import clear_url_caches, path

    prepare_django()
    settings.REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
    from django.http import HttpRequest, JsonResponse
    from django.utils.decorators import method_decorator
    from django.views import View
    from rest_framework.response import Response
    from rest_framework.settings import api_settings
    from rest_framework.views import APIView

    @RULE  # type: ignore[untyped-decorator]
    def show(request: HttpRequest, number: int) -> JsonResponse:
        return JsonResponse({"number": number})

    @RULE  # type: ignore[untyped-decorator]
    async def slow(request: HttpRequest, number: int) -> JsonResponse:
        return JsonResponse({"number": number})

    class Shown(View):  # type: ignore[misc]
        @method_decorator(RULE)  # type: ignore[untyped-decorator]
        def get(self, request: HttpRequest, number: int) -> JsonResponse:
            return JsonResponse({"number": number})

    class Rested(APIView):  # type: ignore[misc]
        authentication_classes = ()
        permission_classes = (RULE.permission,)

        def get(self, request: HttpRequest, number: int) -> Response:
            return Response({"number": number})

    api_settings.reload()
    made = ModuleType(URLS)
    made.urlpatterns = [  # type: ignore[attr-defined]
        path("orders/<int:number>", show), path("slow/<int:number>", slow),
        path("class/<int:number>", Shown.as_view()), path("rest/<int:number>", Rested.as_view()),
    ]  # fmt: skip
    sys.modules[URLS] = made
    settings.ROOT_URLCONF = URLS
    clear_url_caches()


def django_wsgi(**more: Any) -> Base:
    _django()
    from django.core.wsgi import get_wsgi_application

    return guarded(get_wsgi_application(), **more)


def django_asgi(**more: Any) -> Base:
    _django()
    from django.core.asgi import get_asgi_application

    return guarded(get_asgi_application(), **more)


APPS: dict[str, tuple[Callable[..., Base], str]] = {
    "fastapi": (fastapi, "/orders"), "starlette": (starlette, "/orders"),
    "starlette-sync": (starlette_sync, "/orders"), "litestar": (litestar, "/orders"),
    "quart": (quart, "/orders"), "flask": (flask, "/orders"),
    "django": (django_wsgi, "/orders"), "django-class": (django_wsgi, "/class"),
    "django-rest": (django_wsgi, "/rest"), "django-asgi": (django_asgi, "/orders"),
    "django-asgi-slow": (django_asgi, "/slow"), "django-asgi-rest": (django_asgi, "/rest"),
}  # fmt: skip
