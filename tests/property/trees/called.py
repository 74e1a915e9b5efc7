"""Calls of a mounted app without a socket, through ASGI and WSGI."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.property.trees.tree import Probe

HOST = "api.local"


def fields_of(probe: Probe) -> list[tuple[str, str]]:
    """What the client sends beside the target."""
    length = () if probe.method in ("GET", "HEAD", "OPTIONS") else (("content-length", "0"),)
    return [("host", HOST), *length, *probe.fields]


async def _asgi(app: Any, probe: Probe) -> int:
    raw = probe.target.encode()
    sent: list[Any] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
        "method": probe.method, "scheme": "http", "raw_path": raw, "query_string": b"",
        "path": unquote_to_bytes(raw).decode(), "root_path": "",
        "headers": [(n.encode(), v.encode()) for n, v in fields_of(probe)],
        "client": ("192.0.2.7", 40_000), "server": (HOST, 80), "state": {},
    }  # fmt: skip

    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"])


def asgi(app: Any, probe: Probe, loop: asyncio.AbstractEventLoop) -> int:
    """The status of one request."""
    return loop.run_until_complete(_asgi(app, probe))


def wsgi(app: Any, probe: Probe) -> int:
    """The status of one request."""
    told: list[str] = []
    environ = {
        "REQUEST_METHOD": probe.method, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "PATH_INFO": unquote_to_bytes(probe.target).decode("latin-1"), "RAW_URI": probe.target,
        "REMOTE_ADDR": "192.0.2.7", "SERVER_NAME": HOST, "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in fields_of(probe):
        key = name.upper().replace("-", "_")
        environ["CONTENT_LENGTH" if key == "CONTENT_LENGTH" else f"HTTP_{key}"] = value
    answer = app(environ, lambda status, _fields, _info=None: told.append(status))
    try:
        b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return int(told[0][:3])
