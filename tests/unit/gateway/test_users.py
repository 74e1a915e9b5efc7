from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import Request

from bartizan import owns, users
from tests.unit.gateway.owned_apps import APPS, OBJECTS, guarded


def flask() -> Any:
    return APPS["flask"][0]()


def test_a_refusal_for_another_reason_proves_nothing() -> None:
    as_user = users(flask(), OBJECTS)
    for path, told in (
        ("/order/{bob}", "match.unknown-path"),
        ("/orders/{nobody}", "authorize.no-object"),
        ("/orders/{alice}", "it was let through, and the app answered 200"),
    ):
        with pytest.raises(AssertionError, match=told):
            as_user("alice").cannot.get(path)


def test_can_wants_an_answer_of_the_app_that_is_no_error() -> None:
    as_user = users(flask(), OBJECTS)
    with pytest.raises(
        AssertionError, match=r"alice \(token\) can GET /orders/8: not so: deny 404"
    ):
        as_user("alice").can.get("/orders/{bob}")

    from flask import Flask

    app = Flask(__name__)
    app.get("/gone")(lambda: ("gone", 410))
    with pytest.raises(AssertionError, match="the app answered 410"):
        users(guarded(app.wsgi_app), {})("alice").can.get("/gone")


def test_ids_are_escaped_and_may_be_told_by_type() -> None:
    as_user = users(flask(), {"bob": {"order": 8, "file": "a/b c"}})
    assert as_user.path("/orders/{bob[order]}/{bob[file]}") == "/orders/8/a%2Fb%20c"
    as_user("alice").cannot.get("/orders/{bob[order]}")
    with pytest.raises(KeyError):
        as_user.path("/orders/{eve}")


def test_the_app_may_be_flask_itself_and_must_be_guarded() -> None:
    from flask import Flask

    app = Flask(__name__)
    with pytest.raises(TypeError, match="not behind `protect`"):
        users(app, {})
    app.wsgi_app = guarded(app.wsgi_app)  # type: ignore[assignment,method-assign]
    app.post("/echo")(lambda: __import__("flask").request.json)
    answer = users(app, {})("alice").can.post("/echo", json={"a": 1}, headers={"X-A": "1"})
    assert answer.json() == {"a": 1}


def test_issuers_and_keys_are_told_apart(tmp_path: Any) -> None:
    config, keys = tmp_path / "bartizan.yaml", tmp_path / "keys"
    keys.write_text('{"keys": []}')
    issuers = [
        {"issuer": f"https://{one}.test", "id": one, "audiences": ["x"], "jwks": str(keys)}
        for one in "ab"
    ]
    config.write_text(json.dumps({"auth": {"issuers": issuers}}))
    owners = {"order": lambda _: [("a", "alice"), ("api-key", "k")]}
    mount = APPS["flask"][0](config=config, owners=owners)
    users(mount, OBJECTS, issuer="a")("alice").can.get("/orders/{bob}")
    users(mount, OBJECTS, issuer="b")("alice").cannot.get("/orders/{bob}")
    users(mount, OBJECTS, issuer="api-key")("k").can.get("/orders/{bob}")


def test_the_lifespan_of_the_app_runs_around_the_tests() -> None:
    from fastapi import Depends, FastAPI

    lived: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, str]]:
        lived.append("up")
        yield {"table": "orders"}
        lived.append("down")

    app = FastAPI(lifespan=lifespan)

    @app.get("/orders/{number}", dependencies=[Depends(owns("order", "number"))])
    async def show(number: int, request: Request) -> str:
        return str(request.state.table)

    with users(guarded(app), OBJECTS) as as_user:
        assert as_user("alice").can.get("/orders/{alice}").json() == "orders"
        assert lived == ["up"]
    assert lived == ["up", "down"]


def test_every_method_is_there() -> None:
    from flask import Flask

    app = Flask(__name__)
    app.route("/x", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])(lambda: "x")
    can = users(guarded(app.wsgi_app), {})("alice").can
    for call in (can.get, can.post, can.put, can.patch, can.delete):
        assert call("/x").content == b"x"
