from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from bartizan import owns, users
from bartizan.gateway.mount import Base
from bartizan.gateway.ownership import Withheld
from tests.unit.gateway.owned_apps import APPS, OBJECTS, RULE, guarded, later

CASES = pytest.mark.parametrize(("make", "path"), APPS.values(), ids=APPS)
Make = Callable[..., Base]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lookup", [None, later], ids=["plain", "asynchronous"])
@CASES
def test_in_every_framework_the_owner_passes_and_others_do_not(
    make: Make, path: str, lookup: Any
) -> None:
    more = {"owners": {"order": lookup}} if lookup else {}
    with users(make(**more), OBJECTS) as as_user:
        mine = as_user("alice").can.get(path + "/{alice}")
        assert mine.json() == {"number": 7}
        refused = as_user("alice").cannot.get(path + "/{bob}")
        assert refused.status_code == 404
        assert "reference" in refused.json() or "reference" in str(refused.json())
        as_user("bob").can.get(path + "/{bob}")
        as_user("staff", "orders:any").can.get(path + "/{bob}")


@CASES
def test_nobody_a_missing_object_and_a_failing_look_up_are_refused(make: Make, path: str) -> None:
    as_user = users(make(), OBJECTS)
    for subject, name, code in (
        (None, "alice", "authorize.data-missing"),
        ("alice", "nobody", "authorize.no-object"),
        ("alice", "broken", "authorize.lookup-failed"),
    ):
        with pytest.raises(AssertionError, match=code):
            as_user(subject).can.get(f"{path}/{{{name}}}")


@CASES
def test_the_answer_does_not_tell_a_foreign_object_from_none(make: Make, path: str) -> None:
    from bartizan.gateway.trial import Sent, trial
    from bartizan.model.event import Principal

    mount, alice = make(), Principal("token", "", "alice")
    told = []
    for number in (8, 9):
        response, event = _asked(trial, mount, alice, Sent("GET", f"{path}/{number}"))
        text = response.content.decode().replace(event.id, "REF").replace(f"/{number}", "/N")
        told.append((response.status_code, sorted(response.headers), text))
    assert told[0] == told[1]
    assert told[0][0] == 404


def _asked(trial: Any, mount: Base, principal: Any, sent: Any) -> Any:
    import asyncio

    sent.fields["host"] = "localhost"
    return trial(mount, principal, sent, {}, asyncio.run)


@CASES
def test_in_shadow_nothing_is_refused_and_the_deny_is_recorded(make: Make, path: str) -> None:
    as_user = users(make(mode="shadow"), OBJECTS)
    with pytest.raises(AssertionError, match="in shadow nothing is refused"):
        as_user("alice").cannot.get(path + "/{bob}")


def test_the_event_names_the_line_of_the_declaration() -> None:
    from bartizan.gateway.trial import Sent, trial
    from bartizan.model.event import CODE, Principal

    mount = APPS["flask"][0]()
    _, event = _asked(trial, mount, Principal("token", "", "alice"), Sent("GET", "/orders/8"))
    assert event.leading is not None
    assert event.leading.document == CODE
    file, _, line = event.leading.source.rpartition(":")
    source = Path(file).read_text().splitlines()[int(line) - 1]
    assert 'RULE: Any = owns("order"' in source


def test_an_answer_that_the_app_gives_nevertheless_does_not_leave() -> None:
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/orders/<int:number>")
    def show(number: int) -> Any:
        try:
            RULE.require(request, number)
        except Exception:  # noqa: BLE001, the mistake that is tried
            return {"secret": "canary"}
        return {"number": number}

    as_user = users(guarded(app.wsgi_app), OBJECTS)
    refused = as_user("alice").cannot.get("/orders/{bob}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert b"canary" not in refused.content
    assert as_user("alice").can.get("/orders/{alice}").json() == {"number": 7}


def test_an_id_from_elsewhere_can_be_asked_for_in_the_view() -> None:
    from fastapi import FastAPI

    app, rule = FastAPI(), owns("order", status=403)

    @app.post("/payments")
    async def pay(request: Request, order: int) -> dict[str, int]:
        await rule.arequire(request, order)
        return {"paid": order}

    as_user = users(guarded(app), OBJECTS)
    assert as_user("alice").can.post("/payments?order={alice}").json() == {"paid": 7}
    assert as_user("alice").cannot.post("/payments?order={bob}").status_code == 403


def test_without_a_mount_in_front_everything_is_refused_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from flask import Flask

    app = Flask(__name__)
    shown: list[int] = []

    @app.get("/orders/<int:number>")
    @RULE  # type: ignore[untyped-decorator]
    def show(number: int) -> dict[str, int]:
        shown.append(number)
        return {}

    with app.test_client().get("/orders/7") as refused:
        assert refused.status_code == 404
    assert shown == []
    assert "not called through `protect`" in caplog.text


def test_what_a_client_sends_is_never_taken_for_the_principal() -> None:
    as_user = users(APPS["flask"][0](), OBJECTS)
    headers = {"bartizan.principal": "alice", "x-bartizan-principal": "alice",
               "bartizan-ownership": "alice", "x-user": "alice"}  # fmt: skip
    with pytest.raises(AssertionError, match="data-missing"):
        as_user(None).can.get("/orders/{alice}", headers=headers)


def test_a_view_keeps_its_name_and_its_kind() -> None:
    async def slow(request: Any) -> None:
        """Words."""

    def plain(request: Any) -> None:
        """Words."""

    assert inspect.iscoroutinefunction(RULE(slow))
    assert not inspect.iscoroutinefunction(RULE(plain))
    assert (RULE(plain).__name__, RULE(slow).__doc__) == ("plain", "Words.")


def test_wrong_use_is_told_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="decorate the methods"):
        RULE(int)
    with pytest.raises(ValueError, match="404 or 403"):
        owns("order", "id", status=401)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`off`"):
        owns("order", "id", mode="off")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="look-up for `order`"):
        guarded(print, owners={"order": "alice"})


def test_the_problem_is_that_of_fastapi_with_members_of_a_problem() -> None:
    as_user = users(APPS["fastapi"][0](), OBJECTS)
    detail = as_user("alice").cannot.get("/orders/{bob}").json()["detail"]
    assert (detail["status"], detail["title"], detail["code"]) == (404, "Not Found", "not-found")
    assert detail["instance"] == f"urn:bartizan:exchange:{detail['reference']}"


def test_no_framework_is_imported_by_it() -> None:
    probe = (
        "import sys, json, bartizan; bartizan.owns('order', 'id', or_scope='x')\n"
        "print(json.dumps([n for n in ('fastapi', 'starlette', 'litestar', 'quart', 'flask',"
        " 'django', 'werkzeug', 'rest_framework', 'asyncio') if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)  # noqa: S603
    assert json.loads(done.stdout) == []


def test_a_withheld_object_says_its_reference() -> None:
    assert str(Withheld(403, "abc")) == "Forbidden (reference abc)"
