from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bartizan.gateway.guard import Choice
from bartizan.gateway.messages import Receive, Scope, Send
from bartizan.gateway.trial import NOBODY, Sent, mount_of, trial
from bartizan.gateway.wsgi import WsgiMount
from bartizan.model.event import Principal
from tests.unit.gateway.mounted import Api, mount
from tests.unit.gateway.mounted_wsgi import Api as WsgiApi
from tests.unit.gateway.mounted_wsgi import mount as wsgi_mount

ALICE = Principal("token", "main", "alice", ("a", "b"))
HOST = {"host": "api.local"}


def asked(app: Any, sent: Sent, principal: Principal = ALICE) -> Any:
    return trial(app, principal, sent, {}, asyncio.run)


@pytest.mark.parametrize("app", [mount(Api()), wsgi_mount(WsgiApi())], ids=["asgi", "wsgi"])
def test_the_policy_decides_and_the_event_comes_back(app: Any) -> None:
    response, event = asked(app, Sent("GET", "/pets/7", fields=HOST))
    assert (response.status_code, response.json()) == (200, {"name": "Rex"})
    assert (event.verdict, event.principal) == ("allow", Principal("token", "main", "alice"))
    response, event = asked(app, Sent("GET", "/pets/seven", fields=HOST))
    assert (response.status_code, event.decided_status) == (422, 422)
    assert response.headers["content-type"] == "application/problem+json"
    _, event = asked(app, Sent("GET", "/pets/7", fields=HOST), NOBODY)
    assert event.principal == Principal("anonymous")


def test_the_guard_of_the_mount_is_left_as_it_was() -> None:
    app = wsgi_mount(WsgiApi())
    before = app.opened()
    asked(app, Sent("GET", "/pets/7", fields=HOST))
    assert app.opened() is before
    assert mount_of(app) is app


def test_a_guard_that_cannot_start_tries_nothing(tmp_path: Path) -> None:
    api = WsgiApi()
    app = WsgiMount(api, Choice(tmp_path / "missing.yaml", {}, None))
    with pytest.raises(RuntimeError, match=r"missing\.yaml"):
        asked(app, Sent("GET", "/pets/7", fields=HOST))
    assert api.seen == []


def test_the_app_hears_of_the_end_after_its_answer() -> None:
    heard: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        later = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})
        later.cancel()
        heard.append("whole")

    response, _ = asked(mount(app), Sent("GET", "/files", fields=HOST))
    assert (response.content, heard) == (b"x", ["whole"])
