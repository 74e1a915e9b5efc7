"""The same small API in every framework, as modules for a real server, guarded in a line."""

from __future__ import annotations

GUARD = "from bartizan import protect\n"

FLASK = """
from flask import Flask, request

app = Flask(__name__)

@app.get("/orders/<int:number>")
def show(number):
    return {"number": number}

@app.put("/files/<path:name>")
def store(name):
    size = 0
    while piece := request.stream.read(4096):
        size += len(piece)
    return {"name": name, "size": size}

@app.get("/ticks")
def ticks():
    return app.response_class((b"tick\\n" for _ in range(5)), mimetype="text/plain")

@app.get("/broken")
def broken():
    raise RuntimeError("canary-secret")

app.wsgi_app = protect(app.wsgi_app)
"""

DJANGO = """
import os, sys
from django.conf import settings
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x",
                       MIDDLEWARE=[], LOGGING_CONFIG=None)

@require_GET
def show(request, number):
    return JsonResponse({"number": number})

def store(request, name):
    size = 0
    while piece := request.read(4096):
        size += len(piece)
    return JsonResponse({"name": name, "size": size})

def ticks(request):
    return StreamingHttpResponse((b"tick\\n" for _ in range(5)), content_type="text/plain")

def broken(request):
    raise RuntimeError("canary-secret")

urlpatterns = [path("orders/<int:number>", show), path("files/<path:name>", store),
               path("ticks", ticks), path("broken", broken)]
"""
DJANGO_WSGI = (
    DJANGO
    + """
from django.core.wsgi import get_wsgi_application
app = protect(get_wsgi_application())
"""
)
DJANGO_ASGI = (
    DJANGO
    + """
from django.core.asgi import get_asgi_application
app = protect(get_asgi_application())
"""
)

STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route

async def show(request):
    return JSONResponse({"number": request.path_params["number"]})

async def store(request):
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return JSONResponse({"name": request.path_params["name"], "size": size})

async def ticks(request):
    async def pieces():
        for _ in range(5):
            yield b"tick\\n"
    return StreamingResponse(pieces(), media_type="text/plain")

async def broken(request):
    raise RuntimeError("canary-secret")

app = protect(Starlette(routes=[
    Mount("/orders", routes=[Route("/{number:int}", show)]),
    Route("/files/{name:path}", store, methods=["PUT"]), Route("/ticks", ticks),
    Route("/broken", broken),
]))
"""

FASTAPI = """
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse

api, orders = FastAPI(), APIRouter(prefix="/orders")

@orders.get("/{number}")
async def show(number: int) -> dict[str, int]:
    return {"number": number}

api.include_router(orders)

@api.put("/files/{name:path}",
         openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}})
async def store(name: str, request: Request) -> dict[str, str | int]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return {"name": name, "size": size}

@api.get("/ticks", response_class=StreamingResponse)
async def ticks():
    return StreamingResponse((b"tick\\n" for _ in range(5)), media_type="text/plain")

@api.get("/broken")
async def broken() -> str:
    raise RuntimeError("canary-secret")

app = protect(api)
"""

QUART = """
from quart import Quart, Response, request

api = Quart(__name__)

@api.get("/orders/<int:number>")
async def show(number):
    return {"number": number}

@api.put("/files/<path:name>")
async def store(name):
    size = 0
    async for piece in request.body:
        size += len(piece)
    return {"name": name, "size": size}

@api.get("/ticks")
async def ticks():
    async def pieces():
        for _ in range(5):
            yield b"tick\\n"
    return Response(pieces(), mimetype="text/plain")

@api.get("/broken")
async def broken():
    raise RuntimeError("canary-secret")

app = protect(api)
"""

LITESTAR = """
from litestar import Litestar, Request, Response, get, put
from litestar.params import FromPath
from litestar.response import Stream

@get("/orders/{number:int}")
async def show(number: FromPath[int]) -> dict[str, int]:
    return {"number": number}

@put("/files/{name:path}")
async def store(name: FromPath[str], request: Request) -> dict[str, str | int]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return {"name": name.lstrip("/"), "size": size}

@get("/ticks", media_type="text/plain")
async def ticks() -> Stream:
    return Stream((b"tick\\n" for _ in range(5)), media_type="text/plain")

@get("/broken")
async def broken() -> str:
    raise RuntimeError("canary-secret")

app = protect(Litestar(route_handlers=[show, store, ticks, broken], openapi_config=None))
"""

APPS = {
    "flask": FLASK, "django-wsgi": DJANGO_WSGI, "django-asgi": DJANGO_ASGI,
    "starlette": STARLETTE, "fastapi": FASTAPI, "quart": QUART, "litestar": LITESTAR,
}  # fmt: skip


def source(name: str) -> str:
    """The module of one framework."""
    return GUARD + APPS[name]
