from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.gateway.frameworks.errors import shaped

PROBLEM: dict[str, Any] = {"status": 403, "title": "Forbidden", "reference": "abc"}
BREACH = {
    **PROBLEM, "status": 422, "title": "Unprocessable Content",
    "errors": [{"in": "body", "pointer": "/user/name", "detail": "a string"},
               {"in": "query", "name": "page", "pointer": "", "detail": "at least 1"}],
}  # fmt: skip


def test_fastapi_has_detail_and_a_list_for_breaches() -> None:
    media, body = shaped("FastAPI", PROBLEM)
    assert (media, json.loads(body)) == (
        b"application/json", {"detail": "Forbidden", "reference": "abc"}
    )  # fmt: skip
    detail = json.loads(shaped("FastAPI", BREACH)[1])["detail"]
    assert [one["loc"] for one in detail] == [["body", "user", "name"], ["query", "page"]]


def test_litestar_has_its_status_code() -> None:
    told = json.loads(shaped("Litestar", BREACH)[1])
    assert (told["status_code"], len(told["extra"])) == (422, 2)


def test_rest_framework_has_detail_where_it_is_in_use() -> None:
    __import__("rest_framework")
    assert json.loads(shaped("Django", PROBLEM)[1])["detail"] == "Forbidden"


@pytest.mark.parametrize("name", ["Flask", "Quart"])
def test_the_others_have_a_page_without_markup_from_outside(name: str) -> None:
    media, body = shaped(name, {**PROBLEM, "title": "<b>"})
    assert media.startswith(b"text/html")
    assert b"<b>" not in body
    assert b"abc" in body


def test_starlette_has_plain_words() -> None:
    assert shaped("Starlette", PROBLEM) == (b"text/plain; charset=utf-8", b"Forbidden")
