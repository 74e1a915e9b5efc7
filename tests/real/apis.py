"""Real HTTP APIs as processes: httpbin (2.0), chromadb (3.1), LoopBack's to-do list (3.0)."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.journey.api import until
from tests.real.installed import node_package, python_packages

START_S = 60.0

_CHROMA = """
import sys, chromadb_rust_bindings
place = ["--host", "127.0.0.1", "--port", sys.argv[1], "--path", "data"]
chromadb_rust_bindings.cli(["chroma", "run", *place])
"""
_TODO = """
require("node:fs").mkdirSync("data", { recursive: true });
require(process.argv[2])
  .main({ rest: { port: +process.argv[1], host: "127.0.0.1" } })
  .catch((fault) => { console.error(fault); process.exit(1); });
"""


@dataclass(frozen=True, slots=True)
class RealApi:
    """How one API is started, and where its document is."""

    name: str
    document: str
    alive: str
    command: Callable[[int], list[str]]


def _httpbin(port: int) -> list[str]:
    python = python_packages("httpbin", "httpbin[mainapp]==0.10.4", "gunicorn==23.0.0")
    # Its own check of the server lets chunked uploads through under gunicorn only.
    words = "-m gunicorn --worker-class gthread --threads 8 --log-level warning"
    return [str(python), *words.split(), "--bind", f"127.0.0.1:{port}", "httpbin:app"]


def _chroma(port: int) -> list[str]:
    # The server is one shared library; the packages that its Python client needs are not.
    return [
        str(python_packages("chroma", "chromadb==1.5.9", alone=True)),
        "-c",
        _CHROMA,
        str(port),
    ]


def _todo(port: int) -> list[str]:
    home = node_package("todo", "@loopback/example-todo@6.0.0")
    package = home / "node_modules" / "@loopback" / "example-todo"
    return ["node", "-e", _TODO, str(port), str(package)]


HTTPBIN = RealApi("httpbin", "/spec.json", "/get", _httpbin)
CHROMA = RealApi("chroma", "/openapi.json", "/api/v2/heartbeat", _chroma)
TODO_LIST = RealApi("todo", "/openapi.json", "/todos/count", _todo)
APIS = (HTTPBIN, CHROMA, TODO_LIST)


@contextlib.contextmanager
def running(api: RealApi, folder: Path) -> Iterator[str]:
    """A fresh instance of the API with its data in `folder`; gives its address, HOST:PORT."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            api.command(port),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: _answers(process, port, api.alive), START_S, f"an answer of {api.name}")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, path: str) -> bool | None:
    assert process.poll() is None, "the API ended by itself"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status < 500 or None
    return None
