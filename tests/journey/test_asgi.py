"""`bartizan.protect` around FastAPI under a real uvicorn on loopback, called by httpx."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

import bartizan
from bartizan.gateway.messages import App, Receive, Scope, Send

START_S = 30
EXPLAIN = "from bartizan.console.cli import main; raise SystemExit(main())"
tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")


class Order(BaseModel):
    """An order, closed to other fields."""

    model_config = {"extra": "forbid"}
    item: str
    count: int = 1


class Seen(BaseModel):
    """An order as it is shown."""

    item: str
    count: int


def api() -> FastAPI:  # noqa: C901, one app, one place
    """The app under guard; `state` tells what reached it."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.life.append("up")
        yield
        app.state.life.append("down")

    app = FastAPI(lifespan=life)
    app.state.life = []
    app.state.reached = []

    @app.middleware("http")
    async def count(request: Request, call_next: Any) -> Response:
        app.state.reached.append(f"{request.method} {request.url.path}")
        answer: Response = await call_next(request)
        return answer

    @app.get("/orders/{number}", response_model=None, responses={200: {"model": Seen}})
    async def show(number: int) -> dict[str, Any]:
        return {"item": "book", "count": number, "margin": 0.31}

    @app.post("/orders", status_code=201)
    async def order(made: Order) -> Seen:
        return Seen(item=made.item, count=made.count)

    @app.put(
        "/files",
        openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}},
    )
    async def store(request: Request) -> list[int]:
        return [len(piece) async for piece in request.stream() if piece]

    @app.get("/ticks", response_class=Response)
    async def ticks(request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for number in range(10_000):
                yield b"tick %d\n" % number
                if await request.is_disconnected():
                    return
                if number > 2:
                    await _pause()

        return StreamingResponse(pieces(), media_type="text/event-stream")

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("canary-secret in the message")

    @app.get("/tenant")
    async def whose() -> str:
        return tenant.get()

    return app


async def _pause() -> None:
    from asyncio import sleep

    await sleep(0.02)


@contextmanager
def served(app: App, lifespan: Literal["off", "on"] = "on") -> Iterator[str]:
    """The address of `app` under uvicorn, in a thread of this process."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan=lifespan, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert time.monotonic() < deadline
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_S)
        assert not thread.is_alive()


@contextmanager
def guarded(
    tmp_path: Path, config: str = "mode: enforce\n"
) -> Iterator[tuple[httpx.Client, FastAPI]]:
    """A client of the guarded app, and the app."""
    file = tmp_path / "bartizan.yaml"
    file.write_text(config)
    app = api()
    mounted = bartizan.protect(app, config=file)
    with (
        served(mounted) as base,
        httpx.Client(base_url=base, timeout=10, trust_env=False) as client,
    ):
        yield client, app


def test_good_traffic_passes_and_gets_what_is_promised(tmp_path: Path) -> None:
    with guarded(tmp_path) as (client, app):
        shown = client.get("/orders/3")
        assert (shown.status_code, shown.json()) == (200, {"item": "book", "count": 3})
        assert int(shown.headers["content-length"]) == len(shown.content)
        made = client.post("/orders", json={"item": "pen", "count": 2})
        assert (made.status_code, made.json()) == (201, {"item": "pen", "count": 2})
        head = client.head("/orders/3")
        assert (head.status_code, head.content) == (405, b"")  # FastAPI adds no HEAD
    assert app.state.life == ["up", "down"]


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/orders/%2e%2e%2fadmin", {}, 400),
        ("GET", "/openapi.json", {}, 404),
        ("DELETE", "/orders/3", {}, 405),
        ("GET", "/orders/three", {}, 422),
        ("POST", "/orders", {"json": {"item": "pen", "admin": True}}, 422),
        ("POST", "/orders", {"content": b"a=b", "headers": {"content-type": "a/b"}}, 415),
        ("POST", "/orders", {"content": b'{"item":1,"item":"x"}',
                             "headers": {"content-type": "application/json"}}, 400),
    ],
)  # fmt: skip
def test_what_is_refused_never_reaches_the_app(
    tmp_path: Path, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    with guarded(tmp_path) as (client, app):
        answer = client.request(method, path, **more)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert app.state.reached == []
        assert client.get("/orders/3").status_code == 200


def test_limits_and_credentials_hold_in_a_mount(tmp_path: Path) -> None:
    config = "mode: enforce\nlimits: { per: address, rate: 2/min }\n"
    with guarded(tmp_path, config) as (client, _):
        answers = [client.get("/orders/3") for _ in range(4)]
        assert [one.status_code for one in answers].count(429) >= 1
        assert answers[-1].headers["retry-after"]


def test_bodies_stream_both_ways(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            yield b"x" * 1000
            time.sleep(0.02)

    with guarded(tmp_path) as (client, _):
        headers = {"content-type": "application/octet-stream"}
        sizes = client.put("/files", content=pieces(), headers=headers).json()
        assert sum(sizes) == 5000
        assert len(sizes) > 1
        with client.stream("GET", "/ticks") as answer:
            assert next(answer.iter_raw()).startswith(b"tick 0")


def test_the_app_hears_that_its_client_left(tmp_path: Path) -> None:
    heard = threading.Event()

    async def patient(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"tick", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        heard.set()

    answers = {"200": {"description": "ticks"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "ticks", "version": "1"},
        "paths": {"/ticks": {"get": {"responses": answers}}},
    }
    file = tmp_path / "bartizan.yaml"
    file.write_text("mode: enforce\n")
    mounted = bartizan.protect(patient, config=file, openapi=document)
    with (
        served(mounted, lifespan="off") as base,
        httpx.Client(base_url=base, timeout=10, trust_env=False) as client,
    ):
        with client.stream("GET", "/ticks") as answer:
            next(answer.iter_raw())
        assert heard.wait(10)


def test_an_app_that_raises_tells_the_client_nothing(tmp_path: Path) -> None:
    with guarded(tmp_path) as (client, _):
        # The server closes a connection whose app raised.
        answer = client.get("/broken", headers={"connection": "close"})
        assert answer.status_code == 500
        assert "canary" not in answer.text
        assert client.get("/orders/3").status_code == 200


def test_context_variables_of_outer_layers_reach_the_app(tmp_path: Path) -> None:
    inner = bartizan.protect(api(), mode="enforce")

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        tenant.set("acme")
        await inner(scope, receive, send)

    with served(outer) as base:
        assert httpx.get(f"{base}/tenant", trust_env=False).json() == "acme"


def test_shadow_leaves_every_response_untouched(tmp_path: Path) -> None:
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/orders/3", {}),
        ("GET", "/orders/three", {}),
        ("GET", "/openapi.json", {}),
        ("POST", "/orders", {"json": {"item": 1}}),
        ("GET", "/broken", {}),
        ("DELETE", "/orders/3", {}),
    ]
    with served(api()) as base, guarded(tmp_path, "mode: shadow\n") as (client, _):
        for method, path, more in calls:
            bare = httpx.request(method, base + path, trust_env=False, **more)
            ours = client.request(method, path, **more)
            assert (ours.status_code, ours.content) == (bare.status_code, bare.content)
            assert fields(ours) == fields(bare)


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    return sorted(one for one in answer.headers.multi_items() if one[0] != "date")


def test_a_refusal_in_a_mount_can_be_explained(tmp_path: Path) -> None:
    with guarded(tmp_path, "mode: enforce\nstate: kept\n") as (client, _):
        reference = client.post("/orders", json={"item": "pen", "admin": True}).json()["reference"]
    told = subprocess.run(
        [sys.executable, "-c", EXPLAIN, "explain", reference, "--state", str(tmp_path / "kept")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "/admin" in told.stdout, told.stderr


def test_importing_the_mount_loads_little() -> None:
    """Beside what every ASGI server has loaded; what guards waits until an app is guarded."""
    code = (
        "import asyncio, dataclasses, json, pathlib, sys, urllib.parse; before = set(sys.modules);"
        "import bartizan; bartizan.protect; print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    assert "bartizan.gateway.protect" in loaded
    assert all(one.startswith(("bartizan", "__future__")) for one in loaded), loaded
    assert not [one for one in loaded if one.startswith(("bartizan.policy", "bartizan.console"))]
    assert len(loaded) <= 16
