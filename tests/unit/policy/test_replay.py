import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bartizan.model.event import Event, parse_event
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.edit import NotOffered, Offer, apply_offer
from bartizan.policy.offer import offer
from bartizan.policy.replay import CaptureFault, Court, hash_api_key, replay
from bartizan.policy.replay import judged as in_court
from bartizan.policy.sources import fetch_file, read
from bartizan.policy.words import code_facts

PEPPER = "a pepper of at least 16 bytes"
OK = {"200": {"description": "ok"}}
USER = {
    "type": "object",
    "required": ["email"],
    "additionalProperties": False,
    "properties": {
        "email": {"type": "string", "format": "email"},
        "items": {"type": "array", "items": {"properties": {"price": {"type": "number"}}}},
    },
}
PAGE = {"name": "page", "in": "query", "schema": {"type": "integer"}}
QUERY = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
ITEM = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
ANSWER = {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}
DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "components": {
        "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
    },
    "paths": {
        "/users": {
            "get": {
                "parameters": [PAGE],
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": ANSWER}}
                },
            },
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": USER}},
                },
                "responses": OK,
            },
        },
        "/feed": {
            "post": {"requestBody": {"content": {"application/xml": {}}}, "responses": OK},
        },
        "/pets": {
            "post": {
                "requestBody": {"content": {"application/xml": {"schema": USER}}},
                "responses": OK,
            },
        },
        "/found": {"get": {"parameters": [QUERY], "responses": OK}},
        "/me": {"get": {"security": [{"k": ["read"]}], "responses": OK}},
        "/item/{id}": {"get": {"parameters": [ITEM], "responses": OK}},
    },
}
KEY = {"id": "k1", "digest": hash_api_key(PEPPER, "key1"), "scopes": ["other"]}
CONFIG: dict[str, object] = {
    "upstream": "http://127.0.0.1:8000",
    "mode": "enforce",
    "auth": {"api_keys": {"pepper": PEPPER, "keys": [KEY]}},
    "limits": {"per": "address", "rate": "3/min"},
}
JSON = ("content-type", "application/json")


@dataclass(frozen=True)
class Sent:
    """One Request, and how often it is sent."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    answer: str = '{"a":1}'
    times: int = 1

    def captures(self) -> list[bytes]:
        fields = [["host", "api"], *map(list, self.fields)]
        request: dict[str, object] = {"method": self.method, "target": self.target}
        if self.body is not None:
            fields.append(["content-length", str(len(self.body))])
            request["body"] = {"text": self.body}
        request["fields"] = fields
        response = {"status": 200, "fields": [list(JSON)], "body": {"text": self.answer}}
        capture = {"time_ms": 1_700_000_000_000, "request": request, "response": response}
        return [json.dumps(capture).encode()] * self.times


GOOD = Sent("POST", "/users", (JSON,), '{"email":"a@b.co"}')
FEED = Sent("POST", "/feed", (("content-type", "application/xml"),), "<a/>")
INCLUDE = '<a xmlns="http://www.w3.org/2001/XInclude"/>'
REFUSED = {
    "inspect.xml-unmapped": replace(
        FEED, target="/pets", body="<a><email>a@b.co</email><email>c@d.co</email></a>"
    ),
    "parse.bad-xml": replace(FEED, body="<a>&x;</a>"),
    "parse.unsupported-charset": replace(FEED, body='<?xml version="1.0" encoding="UTF-7"?><a/>'),
    "parse.xml-comment": replace(FEED, body="<a>b<!-- c -->d</a>"),
    "parse.xml-doctype": replace(FEED, body="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    "parse.xml-include": replace(FEED, body=INCLUDE),
    "parse.xml-instruction": replace(FEED, body="<a><?b c?></a>"),
    "parse.xml-limit": replace(FEED, body="<a>" * 65 + "</a>" * 65),
    "inspect.body-schema": replace(GOOD, body='{"email":"x","items":[{"price":"no"}]}'),
    "parse.bad-json": replace(GOOD, body='{"email":"a@b.co",}'),
    "parse.duplicate-key": replace(GOOD, body='{"email":"a@b.co","email":"c@d.co"}'),
    "parse.json-limit": replace(GOOD, body="[" * 50 + "]" * 50),
    "inspect.content-type": replace(GOOD, fields=(("content-type", "text/plain"),), body="x"),
    "inspect.body-missing": replace(GOOD, fields=(), body=None),
    "inspect.body-unexpected": Sent("GET", "/users", (JSON,), "{}"),
    "inspect.parameter-schema": Sent("GET", "/users?page=x"),
    "inspect.parameter-repeated": Sent("GET", "/users?page=1&page=2"),
    "inspect.parameter-missing": Sent("GET", "/found"),
    "match.unknown-path": Sent("GET", "/debug"),
    "match.unknown-method": Sent("DELETE", "/users"),
    "parse.semicolon": Sent("GET", "/item/a;b"),
    "parse.encoded-slash": Sent("GET", "/item/a%2Fb"),
    "parse.encoded-percent": Sent("GET", "/item/a%252Fb"),
    "parse.encoded-nul": Sent("GET", "/item/a%00b"),
    "parse.underscore-field": Sent("GET", "/users", (("x_a", "1"),)),
    "parse.method-override": Sent("GET", "/users", (("x-http-method-override", "PUT"),)),
    "identify.credential-missing": Sent("GET", "/me"),
    "authorize.scope": Sent("GET", "/me", (("x-api-key", "key1"),)),
    "limit.rate": Sent("GET", "/users", times=5),
    "shape.undeclared-field": Sent("GET", "/users", answer='{"a":1,"ssn":"9"}'),
}


def judged(config: dict[str, object], sent: Sent, folder: Path) -> Event:
    """The last Event of what was sent, under this config."""
    file, description = folder / "bartizan.yaml", folder / "openapi.json"
    file.write_text(json.dumps(config))
    description.write_text(json.dumps(DESCRIPTION))
    loaded = load(file, overrides=Overrides(), environ={})
    form = compile_policy(loaded, read(str(description), fetch_file)).form
    court = Court(form=form, seed=b"0123456789abcdef", pepper=PEPPER.encode())
    return parse_event(list(replay(court, sent.captures()))[-1])


def counting(event: Event) -> list[str]:
    return [reason.code for reason in event.reasons if reason.counts]


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_applying_the_offered_change_flips_the_decision(code: str, tmp_path: Path) -> None:
    event = judged(CONFIG, REFUSED[code], tmp_path)
    assert code in counting(event)
    config = CONFIG
    for reason in event.reasons:
        if reason.counts:
            change = offer(reason, event, code_facts()[reason.code].kind, config)
            assert isinstance(change, Offer)
            config = apply_offer(config, change)
    after = judged(config, REFUSED[code], tmp_path)
    assert (after.verdict, counting(after)) == ("allow", [])


@pytest.mark.parametrize("sent", [GOOD, Sent("GET", "/users?page=1"), Sent("GET", "/item/a-b")])
def test_good_traffic_passes_and_has_no_reason(sent: Sent, tmp_path: Path) -> None:
    event = judged(CONFIG, sent, tmp_path)
    assert (event.verdict, event.reasons) == ("allow", ())


def test_a_wrong_key_is_mended_by_no_setting(tmp_path: Path) -> None:
    event = judged(CONFIG, Sent("GET", "/me", (("x-api-key", "nope"),)), tmp_path)
    (reason,) = event.reasons
    change = offer(reason, event, code_facts()[reason.code].kind, CONFIG)
    assert isinstance(change, NotOffered)


def test_a_line_that_is_no_capture_is_named_and_empty_lines_are_not(tmp_path: Path) -> None:
    judged(CONFIG, GOOD, tmp_path)
    loaded = load(tmp_path / "bartizan.yaml", overrides=Overrides(), environ={})
    form = compile_policy(loaded, read(str(tmp_path / "openapi.json"), fetch_file)).form
    court = Court(form=form, seed=b"0123456789abcdef", pepper=PEPPER.encode())
    with pytest.raises(CaptureFault) as fault:
        list(replay(court, [b"\n", *GOOD.captures(), b"{}\n"]))
    assert fault.value.line == 3


def test_a_pepper_is_never_printed() -> None:
    assert "canary" not in repr(Court(form=b"", seed=b"", pepper=b"canary"))


def test_a_capture_without_the_body_that_decides_is_not_judged_and_told(tmp_path: Path) -> None:
    judged(CONFIG, GOOD, tmp_path)
    loaded = load(tmp_path / "bartizan.yaml", overrides=Overrides(), environ={})
    form = compile_policy(loaded, read(str(tmp_path / "openapi.json"), fetch_file)).form
    court = Court(form=form, seed=b"0123456789abcdef", pepper=PEPPER.encode())
    (good,) = GOOD.captures()
    data = json.loads(good)
    data["request"]["body"] = {"unread": {"bytes": 18, "sha256": "00"}}
    lines = [json.dumps(data).encode(), good]
    unread: list[int] = []
    assert [number for number, _ in in_court(court, lines, unread.append)] == [2]
    assert unread == [1]
    with pytest.raises(CaptureFault, match="was not kept"):
        list(replay(court, lines))
