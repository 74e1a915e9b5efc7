from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Host, Mount, Route, Router
from starlette.staticfiles import StaticFiles

from bartizan.gateway.frameworks.leaves import inner_of, unfolded, written


async def view(_request: Any) -> None:
    """Never called."""


def test_a_path_marks_what_takes_more_than_a_segment() -> None:
    assert written(Route("/a/{b}/{c:int}", view)) == "/a/{b}/{c}"
    assert written(Route("/a/{rest:path}", view)) == "/a/{*rest}"
    assert written(Mount("/m/{t}", routes=[])) == "/m/{t}"
    assert written(Host("{sub}.local", Router([]))) == ""


def test_what_a_mount_leads_to_is_known_where_it_has_routes() -> None:
    router = Router([])
    assert inner_of(Mount("/m", router)) is router
    assert inner_of(Mount("/m", StaticFiles(directory="."))) is None
    assert inner_of(Route("/a", view)) is None


def test_included_routers_are_unfolded_however_deep() -> None:
    app, outer, inner = FastAPI(openapi_url=None), APIRouter(), APIRouter()
    inner.add_api_route("/c", lambda: 1)
    outer.include_router(inner, prefix="/b")
    app.include_router(outer, prefix="/a")
    assert [written(one) for one in unfolded(app.routes)] == ["/a/b/c"]
