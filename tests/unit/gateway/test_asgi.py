from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import bartizan
from bartizan.gateway.asgi import Mount
from bartizan.gateway.messages import Message, Receive, Scope, Send
from tests.unit.gateway.mounted import DOCUMENT, Api, Server, call, mount, run, scope


class Named(Api):
    """An app that says its own document, as FastAPI does."""

    title = "pets"

    def openapi(self) -> dict[str, object]:
        return DOCUMENT


def test_protect_wants_no_more_than_the_app(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(bartizan.protect(Named()), scope()).status == 200
    assert call(bartizan.protect(Named()), scope(path="/pets/seven")).status == 200
    assert call(bartizan.protect(Named(), mode="enforce"), scope(path="/pets/seven")).status == 422


def test_the_config_in_the_working_directory_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bartizan.yaml").write_text("mode: enforce\n")
    assert call(bartizan.protect(Named()), scope(path="/pets/seven")).status == 422


def test_nothing_is_read_before_the_start(tmp_path: Path) -> None:
    app = bartizan.protect(Named(), config=tmp_path / "missing.yaml")
    assert isinstance(app, Mount)


def test_an_app_that_cannot_be_guarded_is_never_reached(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api = Named()
    app = bartizan.protect(api, config=tmp_path / "missing.yaml")
    assert [call(app, scope()).status for _ in range(2)] == [500, 500]
    assert api.scopes == []
    assert capsys.readouterr().err.count("config.unreadable") == 1


def test_coverage_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    app = mount(Api())
    for _ in range(2):
        call(app, scope())
    assert capsys.readouterr().err.count("5 operations: 5 protected, 0 exempt, 0 unresolved") == 1


def test_what_belongs_to_the_app_is_still_found() -> None:
    app = bartizan.protect(Named())
    assert app.title == "pets"
    with pytest.raises(AttributeError):
        _ = app.nothing


def test_an_unknown_protocol_is_not_let_through() -> None:
    with pytest.raises(ValueError, match="not known"):
        call(mount(Api()), scope(type="carrier-pigeon"))


# ---- lifespan ---------------------------------------------------------------------------------


async def living(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "lifespan"
    for word in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{word}"
        scope["state"][word] = True
        await send({"type": f"lifespan.{word}.complete"})


def lifespan() -> tuple[Scope, list[Message]]:
    messages: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    return {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, messages


def test_the_lifespan_is_that_of_the_app() -> None:
    seen, messages = lifespan()
    server = call(mount(living), seen, *messages)
    assert seen["state"] == {"startup": True, "shutdown": True}
    assert [one["type"] for one in server.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def lifeless(scope: Scope, _receive: Receive, _send: Send) -> None:
    """As Django's."""
    message = f"Django can only handle ASGI/HTTP connections, not {scope['type']}."
    raise ValueError(message)


def test_an_app_without_a_lifespan_is_started_and_ended_by_the_mount(tmp_path: Path) -> None:
    seen, messages = lifespan()
    server = call(mount(lifeless), seen, *messages)
    assert [one["type"] for one in server.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    server = call(mount(lifeless, config=tmp_path / "missing.yaml"), *lifespan()[:1], messages[0])
    assert [one["type"] for one in server.sent] == ["lifespan.startup.failed"]


def test_an_app_that_breaks_while_it_starts_is_not_made_good() -> None:
    async def breaking(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        raise ValueError("no database")

    seen, messages = lifespan()
    with pytest.raises(ValueError, match="no database"):
        call(mount(breaking), seen, *messages)


def test_a_start_that_cannot_guard_fails(tmp_path: Path) -> None:
    seen, messages = lifespan()
    server = call(mount(living, config=tmp_path / "missing.yaml"), seen, *messages)
    assert server.sent[0]["type"] == "lifespan.startup.failed"
    assert "missing.yaml" in server.sent[0]["message"]


def test_many_first_requests_compile_once(capsys: pytest.CaptureFixture[str]) -> None:
    app = mount(Api())

    async def serve() -> list[int]:
        servers = [Server([{"type": "http.request", "body": b""}]) for _ in range(8)]
        await asyncio.gather(*(run(app, scope(path="/live"), one) for one in servers))
        return [one.status for one in servers]

    assert len(asyncio.run(serve())) == 8
    assert capsys.readouterr().err.count("5 operations") == 1


# ---- websocket --------------------------------------------------------------------------------


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})


def socket(path: str) -> Scope:
    fields = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket"), (b"sec-websocket-version", b"13")]  # fmt: skip # noqa: E501
    made = scope(path=path, fields=fields, type="websocket", scheme="ws", subprotocols=[])
    del made["method"]
    return made


def test_a_declared_handshake_reaches_the_app() -> None:
    server = call(mount(echo), socket("/live"), {"type": "websocket.connect"})
    assert [one["type"] for one in server.sent] == ["websocket.accept"]


def test_an_undeclared_handshake_is_closed_before_it_is_accepted() -> None:
    server = call(mount(echo), socket("/admin"), {"type": "websocket.connect"})
    assert server.sent == [{"type": "websocket.close", "code": 1008}]


def test_in_shadow_an_undeclared_handshake_passes() -> None:
    server = call(mount(echo, mode="shadow"), socket("/admin"), {"type": "websocket.connect"})
    assert [one["type"] for one in server.sent] == ["websocket.accept"]


def test_without_a_guard_no_handshake_is_accepted(tmp_path: Path) -> None:
    app = mount(echo, config=tmp_path / "missing.yaml")
    server = call(app, socket("/live"), {"type": "websocket.connect"})
    assert [one["type"] for one in server.sent] == ["websocket.close"]
