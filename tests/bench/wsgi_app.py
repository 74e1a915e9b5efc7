"""One Flask or Django app under one layer, called in-process; prints its CPU cost as JSON.

Usage: python -m tests.bench.wsgi_app KIND TOKEN   (in the bench environment; see mounts.py)
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench.api import ORDER, READ, UNDECLARED
from tests.bench.asgi_app import GOOD, WARM_UP_S, WINDOW_S, guarded

LIMIT = "100000000"


def flask_app() -> Any:
    """The API: one operation that answers with a constant."""
    from flask import Flask, jsonify

    app = Flask(__name__, static_folder=None)

    @app.get("/v1/orders/<order_id>")
    def order(order_id: str) -> Any:
        return jsonify({**ORDER, "id": order_id})

    return app


def flask_limiter() -> Any:
    """One limit by address in flask-limiter, in memory."""
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    app = flask_app()
    Limiter(get_remote_address, app=app, default_limits=[f"{LIMIT} per minute"],
            storage_uri="memory://")  # fmt: skip
    return app


def flask_protect() -> Any:
    """Everything of the document, under Flask."""
    return guarded(flask_app())


def django_app(decorate: Callable[[Any], Any] = lambda view: view) -> Any:
    """The same in Django, with the middleware that a new project's API keeps."""
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import path
    from django.views.decorators.http import require_GET

    settings.configure(
        ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="bench", LOGGING_CONFIG=None,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"], SILENCED_SYSTEM_CHECKS=["*"],
    )  # fmt: skip
    django.setup()

    def order(_request: HttpRequest, order_id: str) -> JsonResponse:
        return JsonResponse({**ORDER, "id": order_id})

    view = require_GET(decorate(order))
    globals()["urlpatterns"] = [path("v1/orders/<str:order_id>", view)]
    return get_wsgi_application()


def django_ratelimit() -> Any:
    """One limit by address in django-ratelimit, with the cache in memory."""

    def decorate(view: Any) -> Any:
        from django_ratelimit.decorators import ratelimit

        return ratelimit(key="ip", rate=f"{LIMIT}/m")(view)

    return django_app(decorate)


def django_protect() -> Any:
    """Everything of the document, under Django."""
    return guarded(django_app())


KINDS: dict[str, Callable[[], Any]] = {
    "flask": flask_app,
    "flask-limiter": flask_limiter,
    "flask-protect": flask_protect,
    "django": django_app,
    "django-ratelimit": django_ratelimit,
    "django-protect": django_protect,
}


def environ(token: str) -> dict[str, Any]:
    """The request as a server hands it to an app."""
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": READ, "QUERY_STRING": "",
        "RAW_URI": READ, "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "bench", "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {token}", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def call(app: Any, token: str) -> tuple[int, bytes]:
    """One request; status and body."""
    told: list[str] = []
    answer = app(environ(token), lambda status, _fields, _info=None: told.append(status))
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return int(told[0][:3]), body


def measure(kind: str, token: str) -> float:
    """CPU microseconds per call, after proof and warm-up."""
    app = KINDS[kind]()
    status, body = call(app, token)
    if status != GOOD:
        message = f"{kind} answers {status}: {body!r}"
        raise RuntimeError(message)
    if kind.endswith("protect"):
        refused, _ = call(app, f"{token}x")
        if UNDECLARED in json.loads(body) or refused != 401:
            message = f"{kind} does not do its work"
            raise RuntimeError(message)
    window(app, token, WARM_UP_S)
    return window(app, token, WINDOW_S)


def window(app: Any, token: str, length_s: float) -> float:
    """CPU microseconds per call over `length_s` of CPU time."""
    started, calls, spent = time.process_time(), 0, 0.0
    while spent < length_s:
        call(app, token)
        calls += 1
        spent = time.process_time() - started
    return spent / calls * 1e6


if __name__ == "__main__":
    print(json.dumps({"us": measure(sys.argv[1], sys.argv[2])}))
