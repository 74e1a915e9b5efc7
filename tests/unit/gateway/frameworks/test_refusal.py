from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bartizan.gateway.frameworks.refusal import refusal, seat_of
from bartizan.gateway.ownership import KEY, Declared, Ownership, Withheld
from tests.unit.gateway.test_ownership import Case

DECLARED = Declared("order", "id", "app.py:1", status=403)


def ownership() -> Ownership:
    case = Case()
    return Ownership(case.exchange, case.lookups)


@pytest.mark.parametrize("holder", ["scope", "META", "environ"])
def test_it_is_found_where_the_mount_put_it(holder: str) -> None:
    own = ownership()
    assert seat_of(SimpleNamespace(**{holder: {KEY: own}}), DECLARED) is own


@pytest.mark.parametrize("request_", [None, object(), SimpleNamespace(scope={KEY: "alice"})])
def test_nothing_else_is_taken_for_it(request_: Any) -> None:
    with pytest.raises(Withheld) as withheld:
        seat_of(request_, DECLARED)
    assert withheld.value.status == 403


def test_a_request_of_no_known_framework_gets_the_plain_exception() -> None:
    withheld = Withheld(404, "abc")
    assert refusal(withheld, SimpleNamespace(scope={})) is withheld


def test_a_websocket_is_closed_and_not_answered() -> None:
    from starlette.exceptions import WebSocketException
    from starlette.websockets import WebSocket

    async def nothing(*_: Any) -> Any:
        return None

    socket = WebSocket({"type": "websocket"}, nothing, nothing)
    made = refusal(Withheld(404, "abc"), socket)
    assert isinstance(made, WebSocketException)
    assert made.code == 1008


@pytest.mark.parametrize("status", [403, 404])
def test_django_has_its_own_two(status: int) -> None:
    from tests.property.trees.builders import prepare_django

    prepare_django()
    from django.http import HttpRequest

    made = refusal(Withheld(status, "abc"), HttpRequest())
    assert type(made).__name__ == {403: "PermissionDenied", 404: "Http404"}[status]
    assert "abc" in str(made)
