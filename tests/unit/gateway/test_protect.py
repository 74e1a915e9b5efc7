from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

import bartizan
from bartizan.gateway.asgi import Mount
from bartizan.gateway.protect import takes
from bartizan.gateway.wsgi import WsgiMount
from tests.unit.gateway.mounted import DOCUMENT, Api, call, scope
from tests.unit.gateway.mounted_wsgi import Api as WsgiApi
from tests.unit.gateway.mounted_wsgi import call as call_wsgi
from tests.unit.gateway.mounted_wsgi import environ


async def asgi(_scope: Any, _receive: Any, _send: Any) -> None:
    """An ASGI app."""


def wsgi(_environ: Any, _start_response: Any) -> list[bytes]:
    return []


class Plain:
    """An ASGI app whose call is no coroutine function."""

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return asgi(scope, receive, send)


def test_each_kind_of_app_gets_its_own_mount() -> None:
    for app in (asgi, Plain(), Api(), partial(asgi)):
        assert isinstance(bartizan.protect(app, openapi=DOCUMENT), Mount)
    for old in (wsgi, WsgiApi(), partial(wsgi)):
        assert isinstance(bartizan.protect(old, openapi=DOCUMENT), WsgiMount)


@pytest.mark.parametrize("app", [len, lambda _scope: None, lambda *_args: None, object])
def test_what_is_no_app_is_refused_at_once(app: Any) -> None:
    with pytest.raises(TypeError, match="neither an ASGI app"):
        bartizan.protect(app)


def test_the_kind_is_told_by_the_call() -> None:
    assert (takes(asgi), takes(wsgi)) == (3, 2)


def test_both_mounts_decide_alike() -> None:
    ours = call(bartizan.protect(Api(), openapi=DOCUMENT, mode="enforce"), scope(path="/pets/x"))
    old = call_wsgi(
        bartizan.protect(WsgiApi(), openapi=DOCUMENT, mode="enforce"), environ(path="/pets/x")
    )
    left, right = json.loads(ours.body), json.loads(old.body)
    for told in (left, right):
        del told["reference"], told["instance"]
    assert left == right


def test_errors_is_one_of_two_words() -> None:
    with pytest.raises(ValueError, match="framework"):
        bartizan.protect(asgi, errors="html")


@pytest.mark.parametrize("mode", ["enforc", "", True])
def test_mode_is_one_of_two_words_and_told_at_the_call(mode: Any) -> None:
    with pytest.raises(ValueError, match="`mode=` of `protect` is `shadow` or `enforce`") as told:
        bartizan.protect(asgi, mode=mode)
    assert "--mode" not in str(told.value)
    assert isinstance(bartizan.protect(asgi, mode=None), Mount)


def test_errors_take_the_shape_of_the_framework_where_asked_for() -> None:
    from starlette.applications import Starlette

    app = bartizan.protect(Starlette(), openapi=DOCUMENT, mode="enforce", errors="framework")
    refused = call(app, scope(path="/nothing"))
    assert (refused.status, refused.body) == (404, b"Not Found")
    assert refused.fields[b"content-type"].startswith(b"text/plain")
    usual = call(bartizan.protect(Starlette(), openapi=DOCUMENT, mode="enforce"), scope(path="/no"))
    assert usual.fields[b"content-type"] == b"application/problem+json"
