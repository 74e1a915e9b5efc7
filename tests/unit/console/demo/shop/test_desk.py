from __future__ import annotations

import pytest

from bartizan.console.demo.shop.message import Refused, Request
from tests.unit.console.demo.shop.till import ISSUER, NOW_S, Till


def asking(who: str) -> Request:
    return Request("GET", "/", {"authorization": f"Bearer {ISSUER.token(who, NOW_S)}"})


def test_caller_is_the_row_of_the_subject() -> None:
    assert Till("API2").desk.caller(asking("bob"))["email"] == "bob@shop.example"


def test_unknown_subject_is_nobody() -> None:
    with pytest.raises(Refused, match="log in"):
        Till().desk.caller(asking("nobody"))


def test_staff_are_let_in_and_customers_are_not_once_it_is_mended() -> None:
    desk = Till("API5").desk
    assert desk.staff(asking("olga"))["name"] == "olga"
    with pytest.raises(Refused) as refused:
        desk.staff(asking("ann"))
    assert refused.value.status == 403


def test_count_is_per_key_once_it_is_mended() -> None:
    desk = Till("API4").desk
    desk.count("a", 1)
    desk.count("b", 1)
    with pytest.raises(Refused) as refused:
        desk.count("a", 1)
    assert refused.value.status == 429
