from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bartizan.gateway.frameworks.frame import Call
from bartizan.gateway.frameworks.router import Router as Ours
from bartizan.gateway.frameworks.starlette import StarletteFrame


async def view(_request: Any) -> None:
    """Never called."""


def labels(app: Any) -> dict[str, tuple[str, ...]]:
    return {one.label: one.methods for one in StarletteFrame(app).routes()}


def test_routes_mounts_hosts_and_sockets_are_all_there() -> None:
    inner = Router([Route("/x/{id:int}", view), Mount("/files", StaticFiles(directory="."))])
    app = Starlette(
        routes=[
            Route("/a", view, methods=["POST"]),
            Mount("/m/{tenant}", app=inner),
            Host("api.local", Router([Route("/h", view)])),
            WebSocketRoute("/ws", view),
            Route("/{rest:path}", view),
        ]
    )
    assert labels(app) == {
        "/a": ("POST",), "/m/{tenant}/x/{id}": ("GET",), "/h": ("GET",), "/ws": ("GET",),
        "/m/*tenant/files/*rest": ("GET", "POST", "PUT", "PATCH", "DELETE"), "/*rest": ("GET",),
    }  # fmt: skip


def routed(app: Any, *calls: Call) -> list[str | None]:
    frame = StarletteFrame(app)
    names = {one.key: one.label for one in frame.routes()}
    return [names.get(frame.find(call)) for call in calls]


def test_the_first_route_in_the_order_of_the_app_has_it() -> None:
    app = Starlette(routes=[Route("/u/{id}", view), Route("/u/me", view), Route("/u/{n}", view)])
    assert routed(app, Call("GET", "/u/me"), Call("GET", "/u/7")) == ["/u/{id}", "/u/{id}"]


def test_a_redirect_by_slash_belongs_to_the_route_it_leads_to() -> None:
    app = Starlette(routes=[Route("/u/", view)])
    assert routed(app, Call("GET", "/u"), Call("GET", "/"), Call("GET", "/x")) == [
        "/u/",
        None,
        None,
    ]


def test_a_route_that_comes_later_is_no_operation() -> None:
    app = Starlette(routes=[Route("/u/{id}", view)])
    router = Ours(StarletteFrame(app), ["GET /u/{id}"], is_own=True)
    assert router.operation(Call("GET", "/u/me")) == 0
    app.router.routes.insert(0, Route("/u/me", view))
    assert router.operation(Call("GET", "/u/me")) is None
    assert router.operation(Call("GET", "/u/7")) == 0


def test_what_a_mount_does_not_know_is_nowhere() -> None:
    app = Starlette(routes=[Mount("/m", Router([Route("/a", view)])), Route("/m/b", view)])
    assert routed(app, Call("GET", "/m/a"), Call("GET", "/m/b")) == ["/m/a", None]


def fastapi() -> FastAPI:
    app, included, sub = FastAPI(), APIRouter(), FastAPI()
    included.add_api_route("/r/{n}", lambda n: n, methods=["GET"])
    app.include_router(included, prefix="/v1")
    sub.add_api_route("/s", lambda: 1, methods=["GET"])
    app.mount("/sub", sub)
    app.add_api_route("/f/{rest:path}", lambda rest: rest, methods=["GET"])
    app.add_api_route("/hidden", lambda: 1, methods=["GET"], include_in_schema=False)

    @app.websocket("/ws")
    async def socket(socket: WebSocket) -> None:
        """Never called."""

    return app


def test_the_document_has_routers_mounts_and_sockets() -> None:
    frame = StarletteFrame(fastapi())
    document = frame.document()
    assert document is not None
    paths: Any = document["paths"]
    assert set(paths) == {"/v1/r/{n}", "/sub/s", "/f/*rest", "/ws"}
    assert frame.name == "FastAPI"


def test_what_the_document_hides_is_undeclared() -> None:
    frame = StarletteFrame(fastapi())
    operations = ["GET /v1/r/{n}", "GET /sub/s", "GET /f/*rest", "GET /ws"]
    router = Ours(frame, operations, is_own=True)
    assert "GET /hidden" in router.undeclared
    assert "GET /openapi.json" in router.undeclared
    assert router.operation(Call("GET", "/v1/r/7")) == 0
    assert router.operation(Call("GET", "/sub/s")) == 1
    assert router.operation(Call("GET", "/f/a/b")) == 2
    assert router.operation(Call("GET", "/ws", is_socket=True)) == 3
    assert router.operation(Call("GET", "/hidden")) is None


@pytest.mark.parametrize("is_first_shown", [True, False])
def test_what_is_said_twice_is_left_out(is_first_shown: bool) -> None:
    app = FastAPI()
    for name, is_shown in (("one", is_first_shown), ("two", True)):
        app.add_api_route(
            "/a", lambda: 1, methods=["GET"], name=name, include_in_schema=is_shown
        )  # fmt: skip
    document = StarletteFrame(app).document()
    assert document is not None
    assert "get" not in document["paths"]["/a"]  # type: ignore[index]


def test_a_prefix_of_the_server_is_no_part_of_the_path() -> None:
    app = Starlette(routes=[Mount("/m", Router([Route("/a", view)]))])
    assert routed(app, Call("GET", "/m/a", root="/api")) == ["/m/a"]
