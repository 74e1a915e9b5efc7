from pathlib import Path
from typing import Any

from litestar import Litestar, Router, WebSocket, asgi, get, post, websocket
from litestar.params import FromPath
from litestar.types import Receive, Scope, Send

from bartizan.gateway.frameworks.frame import METHODS, Call
from bartizan.gateway.frameworks.litestar import LitestarFrame


@get("/u/{n:int}")
async def shown(n: FromPath[int]) -> int:
    return n


@post("/u/{n:int}")
async def made(n: FromPath[int]) -> int:
    return n


@get("/f/{rest:path}", include_in_schema=False)
async def file(rest: FromPath[Path]) -> str:
    return str(rest)


@websocket("/ws")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    """Never called."""


@asgi("/m", is_mount=True, copy_scope=True)
async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
    """Never called."""


def frame() -> LitestarFrame:
    inner = Router("/v1", route_handlers=[shown, made, file])
    return LitestarFrame(Litestar(route_handlers=[inner, socket, mounted]))


def routed(*calls: Call) -> list[tuple[str, tuple[str, ...]] | None]:
    one = frame()
    names = {route.key: (route.label, route.methods) for route in one.routes()}
    return [names.get(one.find(call)) for call in calls]


def test_handlers_are_routes_and_made_up_options_are_not() -> None:
    known = {(one.label, one.methods) for one in frame().routes()}
    assert {
        ("/v1/u/{n}", ("GET",)), ("/v1/u/{n}", ("POST",)), ("/v1/f/*rest", ("GET",)),
        ("/ws", ("GET",)), ("/m/*rest", METHODS),
    } <= known  # fmt: skip
    assert not any("OPTIONS" in methods for _, methods in known)


def test_its_own_router_decides() -> None:
    assert routed(
        Call("GET", "/v1/u/7"), Call("POST", "/v1/u/7/"), Call("DELETE", "/v1/u/7"),
        Call("GET", "/v1/u/x"), Call("GET", "/v1/f/a/b"), Call("GET", "/m/a/b"),
        Call("GET", "/ws", is_socket=True), Call("GET", "/nothing"),
    ) == [
        ("/v1/u/{n}", ("GET",)), ("/v1/u/{n}", ("POST",)), None, None,
        ("/v1/f/*rest", ("GET",)), ("/m/*rest", METHODS), ("/ws", ("GET",)), None,
    ]  # fmt: skip


def test_its_document_is_taken_unless_it_is_turned_off() -> None:
    document = frame().document()
    assert document is not None
    paths: Any = document["paths"]
    assert set(paths["/v1/u/{n}"]) == {"get", "post"}
    off = LitestarFrame(Litestar(route_handlers=[shown], openapi_config=None))
    assert off.document() is None


def test_a_place_that_one_path_takes_whole_is_wide_for_all() -> None:
    @get("/{p:str}")
    async def one(p: FromPath[str]) -> str:
        return p

    @get("/{rest:path}")
    async def rest(rest: FromPath[Path]) -> str:
        return str(rest)

    app = LitestarFrame(Litestar(route_handlers=[rest, one], openapi_config=None))
    found = {route.key: route.label for route in app.routes()}[app.find(Call("GET", "/a/b"))]
    assert found.startswith("/*")
