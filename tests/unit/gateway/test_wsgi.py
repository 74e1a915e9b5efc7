from __future__ import annotations

import gc
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bartizan.gateway.drain import Drain
from bartizan.gateway.wsgi import WsgiMount
from tests.replay.asgi import Taken
from tests.unit.gateway.mounted_wsgi import Api, call, environ, mount, post


def watched(app: WsgiMount) -> Taken:
    """Takes the Events of `app`."""
    taken = Taken()
    opened = app._open()
    assert opened is not None
    app._guard = replace(opened, drain=cast("Drain", taken))
    return taken


def outcome(taken: Taken) -> str:
    (line,) = taken.lines
    return str(json.loads(line)["outcome"])


def test_good_traffic_passes_with_what_is_promised() -> None:
    api = Api("200 OK", b'{"name":"Rex",', b'"secret":1}')
    client = call(mount(api), environ())
    assert (client.status, json.loads(client.body)) == (200, {"name": "Rex"})
    assert client.fields["content-length"] == str(len(client.body))
    assert api.closed == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/pets/seven", 422), ("GET", "/nothing", 404), ("DELETE", "/pets/7", 405),
     ("GET", "/pets/%2e%2e", 400)],
)  # fmt: skip
def test_what_is_refused_never_reaches_the_app(method: str, path: str, status: int) -> None:
    api = Api()
    client = call(
        mount(api), environ(method, path, RAW_URI=path, PATH_INFO=path.replace("%2e", "."))
    )
    assert client.status == status
    assert client.fields["content-type"] == "application/problem+json"
    assert api.seen == []


def test_a_body_is_inspected_and_given_whole() -> None:
    api = Api("201 Created")
    assert post(mount(api), {"name": "Rex"}).status == 201
    assert api.bodies == [b'{"name": "Rex"}']
    assert post(mount(api), {"name": "Rex", "admin": True}).status == 422
    assert len(api.bodies) == 1


def test_a_body_without_schema_streams_to_the_app() -> None:
    api = Api(media="text/plain")
    seen = environ("PUT", "/files", b"x" * 200_000, CONTENT_TYPE="application/octet-stream")
    assert call(mount(api), seen).status == 200
    assert len(api.bodies[0]) == 200_000


def test_a_streamed_body_over_its_cap_is_413(tmp_path: Path) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("budget: { upload_max_bytes: 70000 }\n")
    seen = environ("PUT", "/files", b"x" * 200_000, CONTENT_TYPE="application/octet-stream")
    del seen["CONTENT_LENGTH"]
    seen |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    app = mount(Api(media="text/plain"), config=config)
    taken = watched(app)
    assert call(app, seen).status == 413
    assert len(taken.lines) == 1


def test_a_body_that_ends_before_its_length_is_not_given_to_the_app() -> None:
    api = Api()
    seen = environ("POST", "/pets", b'{"name":', CONTENT_TYPE="application/json")
    app = mount(api)
    taken = watched(app)
    assert call(app, {**seen, "CONTENT_LENGTH": "50"}).status == 400
    assert (api.seen, outcome(taken)) == ([], "client-left")


def test_fields_of_ours_are_set_by_us_alone() -> None:
    api = Api()
    call(mount(api), environ(HTTP_X_BARTIZAN_PRINCIPAL="admin"))
    assert api.seen[0].get("HTTP_X_BARTIZAN_PRINCIPAL") != "admin"


def test_a_method_in_disguise_never_reaches_the_app() -> None:
    api = Api()
    assert call(mount(api), environ(HTTP_X_HTTP_METHOD_OVERRIDE="PUT")).status == 400
    assert api.seen == []


def test_in_shadow_everything_passes_untouched() -> None:
    api = Api("200 OK", b'{"name":"Rex","secret":1}')
    client = call(mount(api, mode="shadow"), environ("DELETE", "/nothing", HTTP_X_TRACE="7"))
    assert client.body == b'{"name":"Rex","secret":1}'
    assert api.seen[0]["HTTP_X_TRACE"] == "7"


def test_without_a_guard_nothing_is_let_through(tmp_path: Path) -> None:
    api = Api()
    client = call(mount(api, config=tmp_path / "missing.yaml"), environ())
    assert (client.status, api.seen) == (500, [])


def test_a_client_that_goes_away_ends_in_one_event() -> None:
    api = Api("200 OK", b"one", b"two", media="text/plain")
    app = mount(api)
    taken = watched(app)
    answer = cast("Any", app(environ(path="/files"), lambda *_: None))
    next(iter(answer))
    answer.close()
    answer.close()
    assert (outcome(taken), api.closed) == ("client-left", 1)


def test_a_fault_of_ours_is_a_500_and_never_the_app(caplog: pytest.LogCaptureFixture) -> None:
    api = Api()

    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise RuntimeError

    seen = environ("POST", "/pets", b"{}", CONTENT_TYPE="application/json")
    client = call(mount(api), {**seen, "wsgi.input": Broken()})
    assert (client.status, api.seen) == (500, [])
    assert "could not be checked" in caplog.text


def test_an_app_that_raises_is_answered_for_and_told() -> None:
    def app(_seen: object, _start: Callable[..., Any]) -> Iterable[bytes]:
        raise KeyError("canary-secret")

    seen = environ()
    client = call(mount(app), seen)
    assert (client.status, b"canary" in client.body) == (502, False)
    assert "canary-secret" in seen["wsgi.errors"].getvalue()


@pytest.mark.parametrize("path", ["/pets/7", "/files", "/admin"])
def test_a_response_read_to_its_end_leaves_its_event_before_it_is_closed(path: str) -> None:
    app = mount(Api())
    taken = watched(app)
    answer = app(environ(path=path), lambda *_: print)
    assert list(answer)
    assert outcome(taken) == "complete"
    cast("Any", answer).close()
    cast("Any", answer).close()
    del answer
    gc.collect()
    assert len(taken.lines) == 1


def test_a_response_that_nobody_reads_or_closes_leaves_one_event() -> None:
    app = mount(Api("200 OK", b"one", b"two", media="text/plain"))
    taken = watched(app)
    answer = app(environ(path="/files"), lambda *_: print)
    assert next(iter(answer)) == b"one"
    del answer
    gc.collect()
    assert outcome(taken) == "client-left"


def test_flasks_own_test_client_leaves_one_event_for_each_request() -> None:
    from flask import Flask

    flask = Flask(__name__)
    flask.get("/pets/<int:number>")(lambda number: {"name": f"Rex {number}"})
    guarded = mount(flask.wsgi_app)
    taken = watched(guarded)
    flask.wsgi_app = guarded  # type: ignore[method-assign]
    client = flask.test_client()
    for _ in range(3):
        client.get("/pets/7")
        client.get("/debug")
    del client
    gc.collect()
    assert len(taken.lines) == 6
    assert len({json.loads(line)["id"] for line in taken.lines}) == 6
