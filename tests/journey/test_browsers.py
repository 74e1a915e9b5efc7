"""Browsers at the gateway: cookies across sites, pages for people, public paths, preflights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journey.api import Api, document
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard

SESSION = {"securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sid"}}}
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
APP = "https://app.test"


def guarded_document() -> dict[str, Any]:
    made = document(components=SESSION)
    made["paths"]["/items"]["post"]["security"] = [{"session": []}]
    return made


@pytest.fixture(scope="module")
def guard(up: GuardMaker) -> Iterator[Guard]:
    api = Api(openapi=guarded_document())
    yield up(
        api,
        cors={"origins": [APP], "credentials": True},
        public=["/openapi.json"],
        mode="enforce",
    )
    api.close()


def post(guard: Guard, **fields: str) -> int:
    about = {"content_type": "application/json", "cookie": "sid=1"} | fields
    return guard.call("POST", "/items", b'{"name":"pen"}', **about).status


def test_only_own_and_listed_pages_act_with_the_cookie_of_the_user(guard: Guard) -> None:
    assert post(guard) == 200
    assert post(guard, origin="http://api.test") == 200
    assert post(guard, origin=APP) == 200
    assert post(guard, origin="https://evil.test") == 403
    assert post(guard, sec_fetch_site="cross-site") == 403


def test_a_cross_site_refusal_tells_no_origin_and_no_rule(guard: Guard) -> None:
    fields = {"content_type": "application/json", "cookie": "sid=1", "origin": "https://evil.test"}
    answer = guard.call("POST", "/items", b'{"name":"pen"}', **fields)
    assert (answer.status, answer.code) == (403, "cross-site")
    assert b"evil" not in answer.body
    assert b"authorize." not in answer.body
    assert answer.field("access-control-allow-origin") is None
    assert guard.event(answer.ref)["reasons"][0]["value"] == "https://evil.test"


def test_a_person_gets_a_page_and_a_program_json(guard: Guard) -> None:
    page = guard.call("GET", "/nowhere", accept=PAGE)
    assert (page.status, page.field("content-type")) == (404, "text/html; charset=utf-8")
    assert b"<h1>Not Found</h1>" in page.body
    for accept in ("*/*", "application/json", "application/json, text/plain, */*"):
        answer = guard.call("GET", "/nowhere", accept=accept)
        assert answer.field("content-type") == "application/problem+json"


def test_a_public_path_is_open_as_it_is_and_only_to_read(guard: Guard) -> None:
    answer = guard.call("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.json()["openapi"] == "3.1.0"
    assert guard.call("POST", "/openapi.json", b"{}").status == 405
    assert guard.call("GET", "/docs").status == 404


def test_a_preflight_names_listed_origins_alone(guard: Guard) -> None:
    ask = {"access_control_request_method": "POST"}
    allowed = guard.call("OPTIONS", "/items", origin=APP, **ask)
    assert allowed.field("access-control-allow-origin") == APP
    assert allowed.field("access-control-allow-credentials") == "true"
    other = guard.call("OPTIONS", "/items", origin="https://evil.test", **ask)
    assert other.field("access-control-allow-origin") is None


def test_answers_carry_security_headers(guard: Guard) -> None:
    answer = guard.call("GET", "/items/7")
    assert answer.field("x-content-type-options") == "nosniff"
    assert answer.field("x-frame-options") == "DENY"
