"""Canary secrets are sought in everything that leaves; a planted leak is found."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan import _core
from bartizan.console import rendering
from bartizan.model.errors import Fault
from bartizan.model.event import Notable, Reason, parse_event
from bartizan.policy.dump import dump
from bartizan.policy.explain import Facts, explain
from bartizan.policy.lines import Lines
from bartizan.policy.words import code_facts
from tests.replay.conftest import Played, play
from tests.replay.gateway import Process, Upstream, exchange
from tests.replay.rows import Maker, Row
from tests.replay.world import API_KEYS, PEPPER, build

CANARY = "canarySecret4f9d2c7b81e6"
PLACES = (
    "authorization", "proxy-authorization", "cookie", "x-api-key", "x-token", "x-auth-token",
    "x-csrf-token", "set-cookie", "x-password",
)  # fmt: skip
SCHEMES = (
    "Bearer {}",
    "Basic {}",
    "Digest {}",
    "Token {}",
    "{}",
    "bearer {} {}",
    "Bearer {}.{}.{}",
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("corpus"))


def planted(make: Maker) -> Iterator[Row]:
    """A canary in every place where clients put secrets, beside every fault that tells values."""
    targets = [
        "/items/1",
        "/ping",
        "/debug",
        "/ping;x",
        "/items?page=x",
        "/session",
        "/admin",
        "/by-query",
    ]
    for target in targets:
        for name in PLACES:
            for scheme in (
                SCHEMES if "auth" in name else ("{}", "sid={}", "sid={}; sid={}", 'a="{}')
            ):
                value = scheme.format(*[CANARY] * 3)
                yield Row(f"{target} {name} {value}", make.request("GET", target, (name, value)))
    for name in ("access_token", "api_key", "token", "password", "apiKey", "session_id", "secret"):
        for value in (CANARY, f"%zz{CANARY}", f"{CANARY}%ff", f"{CANARY}%00"):
            for path in ("/ping", "/items", "/by-query", "/debug"):
                yield Row(
                    f"{path} {name} {value}", make.request("GET", f"{path}?{name}={value}&page=x")
                )
    json_type = ("content-type", "application/json")
    bodies = (
        {"user": "a", "password": CANARY, "x": 1}, {"user": 1, "password": CANARY},
        {"user": "a", "password": [CANARY]}, {"password": {"a": CANARY}}, {"user": "a", "token": CANARY},
    )  # fmt: skip
    for number, body in enumerate(bodies):
        yield Row(
            f"login {number}", make.request("POST", "/login", json_type, body=json.dumps(body))
        )
    for text in (
        f'{{"password":"{CANARY}"',
        f'{{"password":"{CANARY}","password":"x"}}',
        f'{{"password":"{CANARY}\\x"}}',
    ):
        yield Row(f"torn {text}", make.request("POST", "/login", json_type, body=text))
    item = {"name": "a", "price": 1, "secret": 3, "api_token": CANARY}
    yield Row("item", make.request("POST", "/open-items", json_type, body=json.dumps(item)))
    long = {"name": "a", "price": 1, "secret": CANARY * 4}
    yield Row("long", make.request("POST", "/open-items", json_type, body=json.dumps(long)))
    form = ("content-type", "application/x-www-form-urlencoded")
    yield Row(
        "form",
        make.request("POST", "/form", form, body=f"name=a&password={CANARY}&token=%zz{CANARY}"),
    )
    answer = {"status": 200, "fields": [["content-type", "application/json"], ["set-cookie", CANARY]],
              "body": {"text": json.dumps({"id": "x", "password": CANARY, "token": [CANARY]})}}  # fmt: skip
    yield Row("reply", make.request("GET", "/reply", answer=answer))


def secrets(played: Played) -> list[str]:
    """Everything that must never be seen."""
    found = [CANARY, PEPPER, *(key for key, _, _ in API_KEYS.values())]
    found += [
        "canarySessionCookie0123456789",
        "Y2FuYXJ5VXNlcjpjYW5hcnlQYXNz",
        "canaryPassword-9f3kd8",
    ]
    for row in played.rows:
        for name, value in row.capture["request"].get("fields", ()):
            parts = value.removeprefix("Bearer ").split(".")
            if name == "authorization" and len(parts) == 3:
                found += [part for part in parts[1:] if len(part) > 40]
    return sorted(set(found))


def leaks(text: str, sought: list[str]) -> list[str]:
    """Which of them are told, plain or in base64."""
    coded = [(one, base64.b64encode(one.encode()).decode().rstrip("=")) for one in sought]
    return [one for one, other in coded if one in text or other in text]


def told(played: Played, line: bytes) -> Iterator[str]:
    """Everything that is shown of one Event."""
    yield line.decode()
    event = parse_event(line)
    lines = Lines(played.world.compiled)
    settings = tuple(lines.setting(one.document, one.source) for one in event.reasons)
    row = Notable(event, line, settings)
    facts = Facts(version="1", codes=code_facts(), config=played.world.data)
    explained = explain(row, facts)
    yield from (repr(event), repr(row), repr(explained), json.dumps(explained.as_data()))
    yield rendering.explanation(explained, colour=True)


def lines_of(played: Played, rows: list[Row]) -> Iterator[tuple[str, bytes, bytes | None]]:
    """Name, Event line and our own answer of each row."""
    live = played.world.live(played.now_ms)
    for row in rows:
        capture = json.dumps(row.capture).encode()
        line, body, _ = _core.replay(played.world.policy, live, capture)
        event = parse_event(line)
        yield row.name, line, body if event.status != event.upstream_status else None


def sought_in(played: Played, rows: list[Row], sought: list[str]) -> list[str]:
    """Every row that tells a secret, and which."""
    found = []
    for name, line, body in lines_of(played, rows):
        shown = [*told(played, line), (body or b"").decode("utf-8", "replace")]
        found += [f"{name}: {one}" for text in shown for one in leaks(text, sought)]
    return found


def everything(played: Played) -> list[Row]:
    """The corpus and the rows that are planted."""
    return [*played.rows, *planted(Maker(played.now_ms))]


def test_no_event_explanation_or_answer_tells_a_secret(played: Played) -> None:
    rows = everything(played)
    assert len(rows) >= 1_200
    assert not sought_in(played, rows, secrets(played))


def test_a_planted_leak_is_found(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = vars(Reason)["field"].fget
    monkeypatch.setattr(Reason, "field", property(lambda reason: f"{honest(reason)} {CANARY}"))
    rows = [row for row in played.rows if row.name.startswith("inspect.body-schema")]
    assert sought_in(played, rows, [CANARY])


def test_what_is_not_masked_is_seen_by_the_same_search(played: Played) -> None:
    make = Maker(played.now_ms)
    shown = Row("plain", make.request("GET", "/items?sort=canary"))
    assert sought_in(played, [shown], ["canary"])


def test_objects_of_the_core_print_no_secret(played: Played) -> None:
    world, sought = played.world, secrets(played)
    live = world.live(played.now_ms)
    exchange = _core.Exchange(world.policy, live, "203.0.113.7", 1, (played.now_ms, 1))
    fields = [(b"host", b"a"), (b"authorization", f"Bearer {CANARY}".encode())]
    step = exchange.head(b"GET", b"/items/1", fields, 0, (played.now_ms, 1))
    objects = [world.policy, live, exchange, step, world.compiled, world.compiled.config]
    for one in objects:
        assert not leaks(repr(one) + str(one), sought), type(one)
    assert not leaks(world.compiled.form.decode(), sought)


def test_no_diagnostic_tells_a_secret(played: Played, tmp_path: Path) -> None:
    sought = [*secrets(played), "canaryDigest"]
    breaks: list[tuple[str, object]] = [
        ("pepper", 3), ("keys", "x"), ("pepperr", PEPPER), ("keys", [{"id": "a", "digest": "canaryDigest"}]),
        ("keys", [{"id": "a", "digestt": "canaryDigest"}]), ("header", 1), ("pepper", [PEPPER]),
        ("pepper", {"value": PEPPER}),
    ]  # fmt: skip
    for number, (name, value) in enumerate(breaks):
        data = json.loads(json.dumps(played.world.data))
        data["auth"]["api_keys"][name] = value
        place = tmp_path / str(number)
        place.mkdir()
        with pytest.raises(Fault) as raised:
            build(place, played.world.keys, data)
        text = (
            rendering.diagnostics(raised.value.diagnostics) + repr(raised.value) + str(raised.value)
        )
        assert not leaks(text, sought), (name, value)
    shown = rendering.diagnostics(played.world.compiled.warnings)
    assert not leaks(shown, sought)
    assert not leaks(repr(dump(played.world.compiled.config)), sought)


def test_metrics_and_health_of_the_gateway_tell_no_secret(played: Played) -> None:
    upstream = Upstream()
    process = Process(played.world, upstream.address)
    try:
        rows = list(planted(Maker(played.now_ms)))[::7]
        for row in rows:
            upstream.answer = row.capture["response"]
            status, body = exchange(process.address, "127.0.0.1", row)
            assert status
            assert not leaks(body.decode("utf-8", "replace"), [CANARY]) or row.name == "reply"
        pages = [_page(process.admin, path) for path in ("/metrics", "/readyz?verbose", "/livez")]
    finally:
        assert process.stop() == 0
        upstream.close()
    assert "bartizan" in pages[0]
    assert not any(leaks(page, secrets(played)) for page in pages)


def _page(address: str, path: str) -> str:
    client = http.client.HTTPConnection(address, timeout=10)
    try:
        client.request("GET", path)
        return client.getresponse().read().decode()
    finally:
        client.close()
