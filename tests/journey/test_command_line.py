"""The first day with the command line: up, init, check, report, and every way to fail."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.journey.api import Api, until
from tests.journey.conftest import GuardMaker, write_config
from tests.journey.guard import ANYWHERE, Guard, bartizan, exists, gateway_of


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder for one test."""
    path = Path(tempfile.mkdtemp(prefix="bz-"))
    yield path
    if left := gateway_of(path / ".bartizan"):
        os.kill(left, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def plain(api: Api, place: Path) -> Iterator[Guard]:
    """`bartizan up URL` without any config file."""
    guard = Guard(place, [api.url, "--listen", ANYWHERE, "--admin", ANYWHERE], as_json=False)
    yield guard
    guard.stop()


def test_up_without_a_config_prints_four_lines_and_shadows(plain: Guard, api: Api) -> None:
    lines = plain.out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f"Bartizan guards {api.url} at http://127.0.0.1:")
    assert lines[1].startswith("on: ")
    assert "6 operations" in lines[1]
    assert "shadow: " in lines[1]
    assert "/openapi.json" in lines[1]
    assert lines[2].startswith("not: ")
    assert "no limits are configured" in lines[2]
    assert lines[3].startswith("next: bartizan report")
    assert (
        plain.call("POST", "/items", b'{"name":1}', content_type="application/json").status == 200
    )
    assert plain.call("GET", "/nowhere").status == 404
    assert api.seen[-1].path == "/nowhere", "shadow forwards what enforce would refuse"


def test_report_says_what_enforce_would_have_blocked(plain: Guard) -> None:
    assert plain.call("POST", "/text", b"hello", content_type="text/plain").status == 200
    clean = until(lambda: _report(plain, exchanges=1), what="the first Event")
    assert (clean.returncode, "refused nothing" in clean.stdout) == (0, True)
    for _ in range(3):
        plain.call("POST", "/items", b'{"name":1}', content_type="application/json")
    found = until(lambda: _report(plain, exchanges=4), what="the later Events")
    assert found.returncode == 1
    assert "POST /items  3 reasons" in found.stdout
    assert "inspect.body-schema" in found.stdout
    assert "/name" in found.stdout
    assert "to let it pass" in found.stdout
    lines = json.loads(bartizan(plain.folder, "report", "--json").stdout)["lines"]
    assert [line["would_be_refused"] for line in lines] == [3]


def _report(guard: Guard, *, exchanges: int) -> subprocess.CompletedProcess[str] | None:
    done = bartizan(guard.folder, "report")
    return done if done.stdout.startswith(f"{exchanges} exchanges") else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_winds_down_and_ends_with_0(plain: Guard, number: int) -> None:
    assert plain.call("GET", "/items/1").status == 200
    plain.signal(number)
    assert plain.ended() == 0
    until(lambda: not exists(plain.gateway_pid), what="the end of the gateway process")
    assert "Traceback" not in plain.err


def test_a_request_under_way_is_finished_at_the_wind_down(plain: Guard, api: Api) -> None:
    api.release.clear()
    api.arrived.clear()
    with plain.client() as client:
        client.send(b"GET /odd/hold HTTP/1.1\r\nhost: api\r\n\r\n")
        assert api.arrived.wait(10)
        plain.signal(signal.SIGTERM)
        until(lambda: not _connects(plain.address), what="the end of accepting")
        api.release.set()
        response = client.response()
        assert (response.status, response.field("connection")) == (200, "close")
    assert plain.ended() == 0


def _connects(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


def test_flags_stand_above_the_config(api: Api, place: Path) -> None:
    write_config(place, api, {"openapi": "elsewhere.json", "mode": "shadow"})
    (place / "api.json").write_text(json.dumps(api.openapi), encoding="utf-8")
    flags = ["--openapi", "api.json", "--mode", "enforce", "--workers", "2"]
    guard = Guard(place, ["--config", str(place / "bartizan.yaml"), *flags])
    try:
        said = json.loads(guard.out)
        assert said["openapi"].endswith("api.json")
        assert set(said["controls"].values()) == {"enforce"}
        assert guard.call("GET", "/nowhere").status == 404
        threads = Path(f"/proc/{guard.gateway_pid}/task").glob("*/comm")
        names = [thread.read_text(encoding="utf-8").strip() for thread in threads]
        assert sum(name.startswith("bartizan-w") for name in names) == 2
    finally:
        guard.stop()


def test_init_writes_seven_lines_that_enforce_issuer_limits_and_schema(
    api: Api, place: Path
) -> None:
    words = ("--oidc", api.url, "--rate", "3/min", "--mode", "enforce")
    done = bartizan(place, "init", api.url, *words)
    assert done.returncode == 0, done.stderr
    text = (place / "bartizan.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 7
    again = bartizan(place, "init", api.url)
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert bartizan(place, "check").returncode == 0
    guard = Guard(place, ["--listen", ANYWHERE, "--admin", ANYWHERE])
    try:
        said = json.loads(guard.out)
        assert set(said["controls"].values()) == {"enforce"}
        bad = guard.call("POST", "/items", b'{"name":1}', content_type="application/json")
        assert bad.status == 422
        token = guard.call("GET", "/items/1", authorization="Bearer e30.e30.e30")
        assert token.status in (200, 401), "a token where none is declared"
        statuses = [guard.call("GET", "/items/1").status for _ in range(4)]
        assert statuses.count(429) >= 1
        limited = guard.call("GET", "/items/1")
        assert limited.field("retry-after") is not None
        assert limited.field("ratelimit-policy") is not None
    finally:
        guard.stop()


# every way to fail: one message, its exit status, no stack trace


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def require_one_message(place: Path, status: int, *words: str, says: str) -> None:
    if "--listen" not in words:
        words = (*words, "--listen", ANYWHERE, "--admin", ANYWHERE)
    done = bartizan(place, "up", *words)
    assert done.returncode == status, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(place.glob(".bartizan/gateway.sock"))


def test_an_api_that_is_down_is_one_message(place: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    require_one_message(place, 3, url, says=f"the API at `{url}` cannot be reached")


@pytest.mark.parametrize("flag", ["listen", "admin"])
def test_a_taken_port_is_one_message(api: Api, place: Path, flag: str) -> None:
    words = {"listen": ANYWHERE, "admin": ANYWHERE} | {flag: f"127.0.0.1:{api.port}"}
    flags = [part for name, value in words.items() for part in (f"--{name}", value)]
    says = f"the address `127.0.0.1:{api.port}` is in use"
    require_one_message(place, 3, api.url, *flags, says=says)


def test_an_api_without_a_document_is_one_message(place: Path) -> None:
    silent = Api(openapi={})
    try:
        require_one_message(place, 2, silent.url, says="no OpenAPI document")
    finally:
        silent.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "nowhere.json"),
        ("{ not json", "openapi.json:"),
        ("openapi: 3.1.0\npaths: [\n", "openapi.json:"),
        ('{"openapi": "3.1.0", "info": {}, "paths": []}', "openapi.json:1"),
        ('{"swagger": "1.2"}', "openapi.json"),
        ("", "openapi.json"),
    ],
    ids=["missing", "not JSON", "not YAML", "no paths", "old", "empty"],
)
def test_an_unreadable_document_is_one_message(
    api: Api, place: Path, text: str | None, says: str
) -> None:
    name = "nowhere.json" if text is None else "openapi.json"
    if text is not None:
        (place / name).write_text(text, encoding="utf-8")
    require_one_message(place, 2, api.url, "--openapi", name, says=says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("upstreem: http://127.0.0.1:1\n", "did you mean `upstream`"),
        ("mode: enforced\n", "bartizan.yaml:1"),
        ("auth: [\n", "bartizan.yaml:"),
    ],
    ids=["unknown key", "wrong value", "not YAML"],
)
def test_an_unreadable_config_is_one_message(place: Path, text: str, says: str) -> None:
    (place / "bartizan.yaml").write_text(text, encoding="utf-8")
    done = bartizan(place, "up")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["up"],
        ["up", "--nonsense"],
        ["up", "ftp://127.0.0.1"],
        ["up", "127.0.0.1:8000"],
        ["up", "http://127.0.0.1:1", "--workers", "none"],
        ["up", "http://127.0.0.1:1", "--listen", "here"],
        ["up", "http://127.0.0.1:1", "--mode", "lenient"],
        ["upp"],
        ["explain", "not-a-reference"],
        ["tail"],
        ["report"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_told_in_words(place: Path, words: list[str]) -> None:
    done = bartizan(place, *words)
    assert done.returncode in (2, 3)
    assert "error" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_up_for_the_same_state_is_one_message(plain: Guard, api: Api) -> None:
    done = bartizan(plain.folder, "up", api.url, "--listen", ANYWHERE, "--admin", ANYWHERE)
    assert (done.returncode, done.stdout) == (3, "")
    assert "another `bartizan up` runs" in done.stderr
    assert plain.call("GET", "/items/1").status == 200


def test_a_gateway_process_that_dies_is_started_again(up: GuardMaker, api: Api) -> None:
    port = closed_port()
    guard = up(api, listen=f"127.0.0.1:{port}")
    first = guard.gateway_pid
    os.kill(first, signal.SIGKILL)
    guard.says("the gateway process ended by signal 9")
    until(lambda: _connects(guard.address), what="the next gateway process")
    assert guard.call("GET", "/items/1").status == 200
    guard.find_gateway()
    assert guard.gateway_pid != first
    guard.signal(signal.SIGTERM)
    assert guard.ended() == 0


def test_every_verb_speaks_json(plain: Guard) -> None:
    for words in (["check"], ["dump", "--effective"], ["version"]):
        (plain.folder / "bartizan.yaml").write_text(
            yaml.safe_dump({"upstream": plain.words[0]}), encoding="utf-8"
        )
        done = bartizan(plain.folder, *words, "--json")
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)
