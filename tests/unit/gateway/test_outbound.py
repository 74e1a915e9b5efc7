from __future__ import annotations

import asyncio
import json

import pytest

from bartizan.gateway.asgi import Mount
from bartizan.gateway.guard import Choice
from bartizan.gateway.messages import App, Message, Receive, Scope, Send
from tests.unit.gateway.mounted import DOCUMENT, Api, Server, body, call, mount, run, scope


def test_undeclared_fields_are_cut_and_the_length_is_anew() -> None:
    server = call(mount(Api(200, b'{"name":"Rex",', b'"secret":1}')), scope())
    assert json.loads(server.body) == {"name": "Rex"}
    assert server.fields[b"content-length"] == b"%d" % len(server.body)


def test_a_response_without_schema_streams_chunk_by_chunk() -> None:
    api = Api(200, b"one", b"two", media=b"text/event-stream")
    server = call(mount(api), scope(path="/files"))
    assert [one.get("body") for one in server.sent[1:]] == [b"one", b"two"]
    assert b"content-length" not in server.fields


def streaming(app: App, mode: str = "enforce") -> Mount:
    """A mount whose `/events` gives users, one in each event."""
    data = {"type": "string", "contentSchema": {"properties": {"name": {"type": "string"}}}}
    item = {"itemSchema": {"type": "object", "properties": {"data": data}}}
    ok = {"200": {"description": "ok", "content": {"text/event-stream": item}}}
    paths = {"/events": {"get": {"responses": ok}}}
    return Mount(app, Choice(None, {**DOCUMENT, "openapi": "3.2.0", "paths": paths}, mode))


EVENTS = (b'data: {"name":"Rex","secret":1}\n', b"\n: hi\n\n", b'data: {"name":"Ada"}\n\n', b"")


def test_events_are_shaped_one_by_one_as_they_come() -> None:
    api = Api(200, *EVENTS, media=b"text/event-stream")
    server = call(streaming(api), scope(path="/events"))
    assert [one.get("body") for one in server.sent[1:]] == [
        b"",
        b'data: {"name":"Rex"}\n\n: hi\n\n',
        b'data: {"name":"Ada"}\n\n',
        b"",
    ]
    assert b"content-length" not in server.fields


def test_in_shadow_events_go_untouched() -> None:
    api = Api(200, *EVENTS, media=b"text/event-stream")
    assert call(streaming(api, "shadow"), scope(path="/events")).body == b"".join(EVENTS)


def test_an_event_beyond_its_bound_ends_the_response_unfinished() -> None:
    api = Api(200, b"data: {}\n\n", b"x" * 70_000, b"", media=b"text/event-stream")
    server = call(streaming(api), scope(path="/events"))
    assert server.body == b"data: {}\n\n"
    assert server.sent[-1]["more_body"] is True


def test_a_large_download_goes_out_piece_by_piece() -> None:
    piece, sent = b"x" * 100_000, list[int]()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        head = [(b"content-type", b"application/octet-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for _ in range(100):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            sent.append(len(server.body))
        await send({"type": "http.response.body", "body": b""})

    server = Server(body(b""))
    asyncio.run(run(mount(app), scope(path="/files"), server))
    assert sent == [100_000 * number for number in range(1, 101)], "nothing is held back"


def test_in_shadow_the_response_goes_untouched() -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"25"),
        (b"server", b"x"),
    ]
    chunk = b'{"name":"Rex","secret":1}'

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": chunk})

    server = call(mount(app, mode="shadow"), scope())
    assert server.body == chunk
    assert sorted(server.sent[0]["headers"]) == sorted(headers)


def test_a_promised_length_stays() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})  # fmt: skip # noqa: E501
        await send({"type": "http.response.body", "body": b"ok"})

    assert call(mount(app), scope(path="/files")).fields[b"content-length"] == b"2"


def test_head_keeps_the_length_that_get_would_have() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"14")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    server = call(mount(app), scope("HEAD"))
    assert (server.status, server.body, server.fields[b"content-length"]) == (200, b"", b"14")


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_passes(status: int) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    server = call(mount(app), scope(path="/files"))
    assert (server.status, server.body) == (status, b"")


def test_an_app_that_raises_gives_the_client_our_words_and_the_server_the_exception() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError("canary-secret")

    kept: list[Message] = []

    async def serve(seen: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Message) -> None:
            kept.append(message)

        with pytest.raises(KeyError):
            await mount(app)(seen, receive, keep)
        await send({"type": "http.response.start", "status": 500, "headers": []})

    call(serve, scope())
    assert (kept[0]["status"], b"canary" in kept[1]["body"]) == (502, False)


def test_an_app_that_raises_after_its_answer_leaves_it_as_it_is() -> None:
    api = Api(200, b"all of it", media=b"text/plain")

    async def app(seen: Scope, receive: Receive, send: Send) -> None:
        await api(seen, receive, send)
        raise KeyError

    with pytest.raises(KeyError):
        call(mount(app), scope(path="/files"))


def test_an_app_that_says_nothing_is_answered_for() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    assert call(mount(app), scope()).status == 502


def test_what_the_app_says_after_its_end_is_dropped() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await Api(200, b"one", media=b"text/plain")(_scope, _receive, send)
        await send({"type": "http.response.body", "body": b"two"})

    assert call(mount(app), scope(path="/files")).body == b"one"


def test_a_message_that_cannot_be_looked_at_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.pathsend", "path": "/etc/passwd"})

    server = call(mount(app), scope(path="/files"))
    assert server.status == 500
    assert "could not be checked" in caplog.text


def test_a_server_that_says_the_client_is_gone_is_believed() -> None:
    with pytest.raises(OSError, match="gone"):
        call(mount(Api()), scope(), fails=True)
