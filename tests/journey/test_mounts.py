"""Every framework under a real server on loopback, guarded in one line, called by httpx."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bartizan.store.sql import FILE, SqlNotables
from tests.journey.mounted_apps import APPS, source

START_S = 40
SERVERS = {
    "gunicorn": ["gunicorn", "--bind", "127.0.0.1:{port}", "app:app"],
    "waitress": ["waitress", "--listen=127.0.0.1:{port}", "app:app"],
    "uvicorn": ["uvicorn", "--port", "{port}", "--log-level", "warning", "app:app"],
    "hypercorn": ["hypercorn", "--bind", "127.0.0.1:{port}", "app:app"],
}
PAIRS = (
    ("flask", "gunicorn"), ("flask", "waitress"), ("django-wsgi", "gunicorn"),
    ("django-wsgi", "waitress"), ("django-asgi", "uvicorn"), ("starlette", "hypercorn"),
    ("fastapi", "uvicorn"), ("quart", "hypercorn"), ("litestar", "uvicorn"),
)  # fmt: skip


@dataclass
class Served:
    """A running server."""

    client: httpx.Client
    log: Path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    folder: Path, name: str, server: str, config: str = "mode: enforce\n", *more: str
) -> Iterator[Served]:
    """`name`, an app of ours or a module's text, behind `server`, with a config beside it."""
    (folder / "app.py").write_text(source(name) if name in APPS else name)
    (folder / "bartizan.yaml").write_text(config)
    port = free_port()
    words = [word.format(port=port) for word in SERVERS[server]]
    log = folder / "log"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), *sys.path)),
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words[:-1], *more, words[-1]],
            cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, timeout=20, trust_env=False) as client:
                wait_for(client, process, log)
                yield Served(client, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(START_S)
            finally:
                process.kill()


def wait_for(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers."""
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            client.get("/not-there")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


def uploaded() -> Iterator[bytes]:
    """300 kB, in pieces, without a length."""
    for _ in range(30):
        yield b"x" * 10_000


@pytest.mark.parametrize(("name", "server"), PAIRS)
def test_one_line_guards_the_app(tmp_path: Path, name: str, server: str) -> None:
    with served(tmp_path, name, server) as it:
        client = it.client
        shown = client.get("/orders/7")
        assert (shown.status_code, shown.json()) == (200, {"number": 7})
        whole = client.put("/files/a/b.bin", content=b"y" * 5_000,
                           headers={"content-type": "application/octet-stream"})  # fmt: skip
        assert whole.json() == {"name": "a/b.bin", "size": 5_000}
        if name != "django-wsgi":  # It takes no body without a length, guarded or not.
            streamed = client.put("/files/c", content=uploaded(),
                                  headers={"content-type": "application/octet-stream"})  # fmt: skip
            assert streamed.json()["size"] == 300_000
        assert client.get("/ticks").content == b"tick\n" * 5
        for path in ("/debug", "/openapi.json", "/orders/7/extra"):
            refused = client.get(path)
            assert refused.status_code == 404
            assert refused.headers["content-type"] == "application/problem+json"
        assert client.get("/files/%2e%2e%2fetc").status_code == 400
        # A view of Django that says no methods takes all.
        assert client.delete("/ticks").status_code == (200 if "django" in name else 405)
        failed = client.get("/broken", headers={"connection": "close"})
        assert failed.status_code >= 500
        assert "canary" not in failed.text
        log = it.log.read_text()
    assert "0 unresolved" in log
    assert "description." not in log  # What the mount made up itself is no fault of anybody.
    assert "not here:" in log
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {"app.py", "bartizan.yaml", "log"}


LIMIT, WORKERS = 32, 3
BUSY = {
    "uvicorn": """
import os, time
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from bartizan import protect

async def show(request):
    time.sleep(0.02)  # Busy, so that another process takes the next connection.
    return JSONResponse({"pid": os.getpid()})

app = protect(Starlette(routes=[Route("/orders", show)]))
""",
    "gunicorn": """
import os, time
from flask import Flask
from bartizan import protect

app = Flask(__name__)

@app.get("/orders")
def show():
    time.sleep(0.02)
    return {"pid": os.getpid()}

app.wsgi_app = protect(app.wsgi_app)
""",
}
ASK_S = 90


@pytest.mark.parametrize("server", BUSY)
def test_processes_together_let_the_limit_through_and_no_more(tmp_path: Path, server: str) -> None:
    # Nothing worth a request comes back in the time of a test.
    config = f"mode: enforce\nlimits: {{ per: address, rate: {LIMIT}/d }}\n"
    more = ("--workers", str(WORKERS))
    with served(tmp_path, BUSY[server], server, config, *more) as it:
        url = f"{it.client.base_url}".rstrip("/") + "/orders"
        passed: list[int] = []

        def ask(_number: int) -> int:
            answer = httpx.get(url, timeout=40, trust_env=False)
            if answer.status_code == 200:
                passed.append(answer.json()["pid"])
            return answer.status_code

        deadline = time.monotonic() + ASK_S
        with ThreadPoolExecutor(6) as threads:
            while len(passed) < LIMIT - WORKERS and time.monotonic() < deadline:
                assert set(threads.map(ask, range(24))) <= {200, 429}
            told = list(threads.map(ask, range(60)))
        assert LIMIT - WORKERS <= len(passed) <= LIMIT, passed
        assert told.count(429) >= len(told) - WORKERS
        assert len(set(passed)) == WORKERS
        assert f"{WORKERS} processes" in it.log.read_text()


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("flask", "waitress"), ("django-wsgi", "gunicorn"), ("django-asgi", "uvicorn"),
        ("django-asgi", "hypercorn"), ("fastapi", "uvicorn"),
    ],
)  # fmt: skip
def test_no_event_is_lost_when_the_server_is_told_to_end(
    tmp_path: Path, name: str, server: str
) -> None:
    config = "mode: enforce\nstate: .bartizan\n"
    with served(tmp_path, name, server, config) as it:
        statuses = [
            it.client.get(f"/{'orders/7' if n % 2 else 'no'}").status_code for n in range(20)
        ]
    assert statuses == [404, 200] * 10
    store = SqlNotables(tmp_path / ".bartizan" / FILE)
    try:
        # The one before was asked until it was there.
        assert store.totals().delivered == len(statuses) + 1
        assert store.totals().lost == 0
    finally:
        store.close()


def test_the_number_in_a_file_of_gunicorn_is_told_and_the_file_runs_once(tmp_path: Path) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(
        "workers = 2\nwith open('ran', 'a') as file:\n    file.write('x')\n"
    )
    with served(tmp_path, "flask", "gunicorn") as it:
        assert it.client.get("/orders/7").status_code == 200
        assert "limits are counted in each of 2 processes" in it.log.read_text()
    assert (tmp_path / "ran").read_text() == "x"


def test_a_proxy_that_nobody_named_is_told_of_once(tmp_path: Path) -> None:
    with served(tmp_path, "flask", "gunicorn") as it:
        for _ in range(3):
            it.client.get("/orders/7", headers={"x-forwarded-for": "1.2.3.4"})
        assert it.log.read_text().count("trusted_proxies") == 1


def test_every_framework_is_tried() -> None:
    assert {name for name, _ in PAIRS} == set(APPS)
