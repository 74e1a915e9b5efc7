"""One FastAPI app under one middleware, called in-process; prints its CPU cost as JSON.

Usage: python -m tests.bench.asgi_app KIND TOKEN   (in the bench environment; see mounts.py)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from tests.bench.api import ORDER, READ, UNDECLARED
from tests.bench.tokens import AUDIENCE, ISSUER

Message = MutableMapping[str, Any]
FOLDER = Path(os.environ.get("BENCH_FOLDER", "."))
# Enough calls for a figure, and an end for apps that are slow.
WARM_UP_S, WINDOW_S = 0.3, 2.0
PATH = "/v1/orders/{order_id}"
GOOD = 200


def fastapi_app() -> Any:
    """The API: one operation that answers with a constant."""
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)

    @app.get(PATH)
    async def order(order_id: str) -> dict[str, Any]:
        return {**ORDER, "id": order_id}

    return app


def plain() -> Any:
    """Nothing around it."""
    return fastapi_app()


def slowapi() -> Any:
    """One limit by address in slowapi's ASGI middleware."""
    from slowapi import Limiter
    from slowapi.middleware import SlowAPIASGIMiddleware
    from slowapi.util import get_remote_address

    app = fastapi_app()
    app.state.limiter = Limiter(get_remote_address, default_limits=["100000000/minute"])
    app.add_middleware(SlowAPIASGIMiddleware)
    return app


def pyjwt() -> Any:
    """A dependency that verifies RS256 for each request."""
    import jwt
    from fastapi import Depends, FastAPI
    from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

    app, bearer = FastAPI(openapi_url=None), HTTPBearer()
    key = (FOLDER / "issuer.pem").read_text(encoding="utf-8")

    async def caller(
        found: HTTPAuthorizationCredentials = Depends(bearer),  # noqa: B008, FastAPI's way
    ) -> str:
        claims = jwt.decode(
            found.credentials, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER
        )
        return str(claims["sub"])

    @app.get(PATH)
    async def order(order_id: str, subject: str = Depends(caller)) -> dict[str, Any]:  # noqa: FAST002, a local name
        return {**ORDER, "id": order_id, "status": "paid" if subject else "open"}

    return app


def fastapi_guard() -> Any:
    """fastapi-guard in memory, without its payload scan (0.1 s a request with this token)."""
    from guard import SecurityConfig, SecurityMiddleware

    app = fastapi_app()
    config = SecurityConfig(
        enable_redis=False,
        enable_penetration_detection=False,
        rate_limit=100_000_000,
        auto_ban_threshold=100_000_000,
    )
    app.add_middleware(SecurityMiddleware, config=config)
    return app


def protect() -> Any:
    """Everything of the document, under FastAPI."""
    return guarded(fastapi_app())


def guarded(app: Any) -> Any:
    """Everything of the document: token, scope, limit, schema of request and response, shape."""
    import bartizan

    settings = f"""
upstream: http://127.0.0.1:9
openapi: openapi.json
mode: enforce
auth: {{ issuers: [{{ issuer: "{ISSUER}", audiences: [{AUDIENCE}], jwks: jwks.json }}] }}
limits: {{ per: principal, rate: 100000000/min }}
"""
    file = FOLDER / "bartizan.yaml"
    file.write_text(settings, encoding="utf-8")
    return bartizan.protect(app, config=str(file))


KINDS: dict[str, Callable[[], Any]] = {
    "plain": plain,
    "slowapi": slowapi,
    "pyjwt": pyjwt,
    "fastapi-guard": fastapi_guard,
    "protect": protect,
}


def scope(token: str) -> dict[str, Any]:
    """The request as a server hands it to an app."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": READ,
        "raw_path": READ.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"user-agent", b"bench"),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {token}".encode()),
        ],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def call(app: Any, token: str) -> tuple[int, bytes]:
    """One request; status and body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(token), receive, send)
    body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return int(sent[0]["status"]), body


async def measure(kind: str, token: str) -> float:
    """CPU microseconds per call, after proof and warm-up."""
    app = KINDS[kind]()
    status, body = await call(app, token)
    if status != GOOD:
        message = f"{kind} answers {status}: {body!r}"
        raise RuntimeError(message)
    if kind == "protect":
        refused, _ = await call(app, f"{token}x")
        if UNDECLARED in json.loads(body) or refused != 401:
            message = f"{kind} does not do its work"
            raise RuntimeError(message)
    await window(app, token, WARM_UP_S)
    return await window(app, token, WINDOW_S)


async def window(app: Any, token: str, length_s: float) -> float:
    """CPU microseconds per call over `length_s` of CPU time."""
    started, calls, spent = time.process_time(), 0, 0.0
    while spent < length_s:
        await call(app, token)
        calls += 1
        spent = time.process_time() - started
    return spent / calls * 1e6


if __name__ == "__main__":
    print(json.dumps({"us": asyncio.run(measure(sys.argv[1], sys.argv[2]))}))
