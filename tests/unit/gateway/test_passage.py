from __future__ import annotations

import asyncio
import contextvars
import json

import pytest

from bartizan.gateway.messages import Message, Receive, Scope, Send
from tests.unit.gateway.mounted import Api, Server, body, call, json_fields, mount, post, run, scope


def test_good_traffic_reaches_the_app_as_it_came() -> None:
    api = Api()
    server = call(mount(api), scope(fields=[(b"x-trace", b"1")]))
    assert (server.status, server.body) == (200, b'{"name":"Rex"}')
    seen = api.scopes[0]
    assert (seen["path"], seen["query_string"]) == ("/pets/7", b"")
    assert (b"x-trace", b"1") in seen["headers"]
    assert not {b"via", b"forwarded", b"x-forwarded-for"} & {name for name, _ in seen["headers"]}


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        (scope(path="/pets/..%2fadmin"), 400),
        (scope(path="/admin"), 404),
        (scope("DELETE", "/pets/7"), 405),
        (scope(path="/pets/seven"), 422),
        (scope("POST", "/pets", [(b"content-length", b"0")]), 422),
        (scope("POST", "/pets", [(b"content-type", b"a/b"), (b"content-length", b"2")]), 415),
    ],
)
def test_what_the_document_does_not_allow_never_reaches_the_app(seen: Scope, status: int) -> None:
    api = Api()
    server = call(mount(api), seen)
    assert (server.status, api.scopes) == (status, [])
    assert json.loads(server.body)["reference"]


def test_a_body_is_held_and_given_whole() -> None:
    api = Api(201, b"")
    raw = b'{"name":"Rex"}'
    seen = scope("POST", "/pets", json_fields(len(raw)))
    assert call(mount(api), seen, *body(raw[:4], raw[4:])).status == 201
    assert api.bodies == [raw]
    assert dict(api.scopes[0]["headers"])[b"content-length"] == b"14"


def test_a_body_that_breaks_the_schema_is_refused_with_its_pointer() -> None:
    api = Api(201, b"")
    server = post(mount(api), {"name": 1, "admin": True})
    assert (server.status, api.bodies) == (422, [])
    assert {one["pointer"] for one in json.loads(server.body)["errors"]} == {"/name", "/admin"}


def test_an_undeclared_body_streams_piece_by_piece() -> None:
    api = Api(200, b"")
    server = Server(body(b"one", b"two", b"three"))
    seen = scope("PUT", "/files", [(b"content-type", b"application/octet-stream"), (b"transfer-encoding", b"chunked")])  # fmt: skip # noqa: E501
    asyncio.run(run(mount(api), seen, server))
    assert (server.status, api.bodies) == (200, [b"onetwothree"])
    assert server.incoming == []


def test_a_large_upload_reaches_the_app_piece_by_piece() -> None:
    pieces = [b"x" * 90_000] * 100
    left = list[int]()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            left.append(len(server.incoming))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    server = Server(body(*pieces))
    seen = scope("PUT", "/files", [(b"content-type", b"application/octet-stream"), (b"content-length", b"9000000")])  # fmt: skip # noqa: E501
    asyncio.run(run(mount(app), seen, server))
    assert server.status == 200
    assert left == list(range(99, 0, -1)), "no piece is taken before the app wants it"


def test_an_app_that_reads_no_body_is_given_none_unasked() -> None:
    async def silent(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    server = Server(body(b"never read"))
    seen = scope("PUT", "/files", [(b"content-type", b"application/octet-stream"), (b"content-length", b"10")])  # fmt: skip # noqa: E501
    asyncio.run(run(mount(silent), seen, server))
    assert (server.status, len(server.incoming)) == (200, 1)


def test_over_http_2_a_get_without_length_has_no_body() -> None:
    assert call(mount(Api()), scope(http_version="2")).status == 200


def test_over_http_2_a_body_without_length_is_inspected() -> None:
    seen = scope("POST", "/pets", [(b"content-type", b"application/json")], http_version="2")
    assert call(mount(Api(201, b"")), seen, *body(b'{"name":"', b'Rex"}')).status == 201
    assert call(mount(Api(201, b"")), seen, *body(b'{"name":', b"1}")).status == 422


def test_a_client_that_leaves_in_its_body_ends_the_exchange() -> None:
    api = Api()
    seen = scope("POST", "/pets", json_fields(30))
    first: Message = {"type": "http.request", "body": b'{"name"', "more_body": True}
    server = call(mount(api), seen, first, {"type": "http.disconnect"})
    assert (server.sent, api.scopes) == ([], [])


def test_the_app_learns_that_the_client_left() -> None:
    api = Api(200, b"")
    seen = scope("PUT", "/files", [(b"content-type", b"application/octet-stream"), (b"content-length", b"9")])  # fmt: skip # noqa: E501
    first: Message = {"type": "http.request", "body": b"one", "more_body": True}
    call(mount(api), seen, first, {"type": "http.disconnect"})
    assert api.has_left


def test_the_app_runs_in_the_context_of_the_server() -> None:
    told: contextvars.ContextVar[str] = contextvars.ContextVar("told")

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        answer = told.get().encode()
        told.set("from the app")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    async def serve() -> tuple[bytes, str]:
        told.set("from the server")
        server = Server()
        await run(mount(app), scope(path="/files"), server)
        return server.body, told.get()

    assert asyncio.run(serve()) == (b"from the server", "from the app")


def test_a_fault_of_ours_is_never_an_open_door(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api()
    app = mount(api)
    monkeypatch.setattr("bartizan.gateway.messages.target_of", lambda _: 1 / 0)
    server = call(app, scope())
    assert (server.status, api.scopes) == (500, [])
    assert b"ZeroDivision" not in server.body
    assert "could not be checked" in caplog.text


def test_what_is_cancelled_is_closed_and_stays_cancelled() -> None:
    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    async def serve() -> None:
        task = asyncio.create_task(run(mount(slow), scope(path="/files"), Server()))
        async with asyncio.timeout(5):
            while not task.done():
                await asyncio.sleep(0)
                task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(serve())
