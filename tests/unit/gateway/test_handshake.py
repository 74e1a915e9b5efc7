from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import WebSocket

from bartizan import owns, protect
from bartizan.gateway.asgi import Mount
from bartizan.gateway.drain import Drain
from bartizan.gateway.messages import Message, Receive, Scope, Send
from bartizan.gateway.ownership import KEY, PRINCIPAL, Declared
from tests.replay.asgi import Taken
from tests.unit.gateway.mounted import call, mount, scope

CONNECT: Message = {"type": "websocket.connect"}
COOKIE = (b"cookie", b"sid=1")
EVIL = (b"origin", b"https://evil.test")
OWN = (b"origin", b"https://api.local")


def socket(*fields: tuple[bytes, bytes], path: str = "/live", answers: bool = True) -> Scope:
    upgrade = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket"), (b"sec-websocket-version", b"13")]  # fmt: skip # noqa: E501
    extensions: dict[str, object] = {"websocket.http.response": {}} if answers else {}
    made = scope(path=path, fields=[*upgrade, *fields], type="websocket", scheme="ws",
                 subprotocols=[], extensions=extensions)  # fmt: skip
    del made["method"]
    return made


class Chat:
    """Accepts and sends one message."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, seen: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(seen)
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})


def watched(app: Any, **more: Any) -> tuple[Mount, Taken]:
    made, taken = mount(app, **more), Taken()
    opened = made.opened()
    assert opened is not None
    made._guard = replace(opened, drain=cast("Drain", taken))
    return made, taken


def only(taken: Taken) -> dict[str, Any]:
    (line,) = taken.lines
    event: dict[str, Any] = json.loads(line)
    return event


@pytest.mark.parametrize("fields", [(), (COOKIE,), (COOKIE, OWN), (EVIL,)])
def test_a_handshake_of_an_own_page_or_a_program_reaches_the_app(fields: Any) -> None:
    chat = Chat()
    app, taken = watched(chat)
    server = call(app, socket(*fields), CONNECT)
    assert [one["type"] for one in server.sent] == ["websocket.accept", "websocket.send"]
    assert chat.scopes[0][PRINCIPAL].kind == "anonymous"
    event = only(taken)
    assert (event["verdict"], event["status"], event["operation"]) == ("allow", 101, "GET /live")


def test_a_page_of_another_site_cannot_open_a_socket_with_the_cookies_of_the_user() -> None:
    chat = Chat()
    app, taken = watched(chat)
    server = call(app, socket(COOKIE, EVIL), CONNECT)
    assert server.sent[0]["type"] == "websocket.http.response.start"
    assert server.sent[0]["status"] == 403
    told = json.loads(server.sent[1]["body"])
    assert (told["code"], told["reference"]) == ("cross-site", only(taken)["id"])
    assert chat.scopes == []
    assert only(taken)["reasons"][0]["code"] == "authorize.cross-site"


def test_origins_of_cors_and_csrf_may_open_sockets(tmp_path: Path) -> None:
    config = tmp_path / "bartizan.yaml"
    for listed in ("cors: { origins: ['https://evil.test'] }", "csrf: { origins: ['https://evil.test']}"):  # fmt: skip # noqa: E501
        config.write_text(f"mode: enforce\n{listed}\n")
        server = call(mount(Chat(), config=config), socket(COOKIE, EVIL), CONNECT)
        assert server.sent[0]["type"] == "websocket.accept", listed


def test_where_the_server_cannot_send_an_answer_the_socket_is_closed() -> None:
    for given in (socket(COOKIE, EVIL, answers=False), socket(path="/admin", answers=False)):
        server = call(mount(Chat()), given, CONNECT)
        assert server.sent == [{"type": "websocket.close", "code": 1008}]


def test_an_undeclared_handshake_is_answered_with_404() -> None:
    server = call(mount(Chat()), socket(path="/admin"), CONNECT)
    assert server.sent[0]["status"] == 404
    assert json.loads(server.sent[1]["body"])["code"] == "not-found"


def test_in_shadow_every_handshake_passes_and_is_recorded() -> None:
    app, taken = watched(Chat(), mode="shadow")
    server = call(app, socket(COOKIE, EVIL), CONNECT)
    assert server.sent[0]["type"] == "websocket.accept"
    assert (only(taken)["verdict"], only(taken)["enforcement"]) == ("deny", "shadow")


def test_a_limit_counts_handshakes(tmp_path: Path) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("mode: enforce\nlimits: { per: address, rate: 1/min }\n")
    app = mount(Chat(), config=config)
    statuses = [call(app, socket(), CONNECT).sent[0].get("status", 101) for _ in range(2)]
    assert statuses == [101, 429]


def test_without_a_guard_or_with_a_fault_of_ours_nothing_is_accepted(tmp_path: Path) -> None:
    chat = Chat()
    broken = mount(chat, config=tmp_path / "missing.yaml")
    assert call(broken, socket(), CONNECT).sent[0]["status"] == 500
    del (headless := socket())["headers"]
    app, taken = watched(chat)
    assert call(app, {**headless, "headers": [None]}, CONNECT).sent[0]["status"] == 500
    assert chat.scopes == []
    assert only(taken)["outcome"] == "fault"


@pytest.mark.parametrize("is_accepted", [False, True])
def test_once_an_object_is_withheld_the_socket_gives_nothing(*, is_accepted: bool) -> None:
    async def careless(seen: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if is_accepted:
            await send({"type": "websocket.accept"})
        try:
            seen[KEY].require(Declared("order", "id", "app.py:1"), "8")
        except Exception:  # noqa: BLE001, the mistake that is tried
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "canary"})

    app, taken = watched(careless)
    server = call(app, socket(), CONNECT)
    assert "canary" not in str(server.sent)
    if is_accepted:
        assert server.sent[1:] == [{"type": "websocket.close", "code": 1008}]
    else:
        assert (server.sent[0]["status"], len(server.sent)) == (404, 2)
    assert only(taken)["verdict"] == "deny"


def test_a_refusal_that_the_app_leaves_to_us_is_given() -> None:
    async def strict(seen: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        seen[KEY].require(Declared("order", "id", "app.py:1", status=403), "8")

    assert call(mount(strict), socket(), CONNECT).sent[0]["status"] == 403


def test_an_answer_of_the_app_in_place_of_an_accept_goes_through_the_exchange() -> None:
    async def denies(_seen: Scope, receive: Receive, send: Send) -> None:
        await receive()
        fields = [(b"server", b"secret/1.0"), (b"content-type", b"text/plain")]
        start = {"type": "websocket.http.response.start", "status": 410, "headers": fields}
        await send(start)
        await send({"type": "websocket.http.response.body", "body": b"gone"})

    app, taken = watched(denies)
    server = call(app, socket(), CONNECT)
    assert (server.sent[0]["status"], server.sent[1]["body"]) == (410, b"gone")
    assert b"server" not in dict(server.sent[0]["headers"])
    assert only(taken)["status"] == 410


def test_fastapi_can_guard_a_socket_with_owns() -> None:
    from fastapi import Depends, FastAPI

    app = FastAPI()

    @app.websocket("/orders/{number}", dependencies=[Depends(owns("order", "number"))])
    async def follow(socket: WebSocket, number: int) -> None:
        await socket.accept()

    guarded = protect(app, mode="enforce", owners={"order": lambda _: "alice"})
    server = call(guarded, socket(path="/orders/7"), CONNECT)
    assert server.sent[0]["status"] == 404
