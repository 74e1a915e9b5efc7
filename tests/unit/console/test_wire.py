import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.console import documents, wire
from bartizan.console.terminal import BROKEN, Stopped
from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.config import Overrides
from bartizan.store.sql import FILE
from tests.unit.console.built import built, chosen
from tests.unit.console.streams import Kept


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nmode: enforce\n")
    return file


def test_without_a_config_and_an_api_it_is_said_that_there_is_none(config: Path) -> None:
    nothing = wire.Chosen(config=None, overrides=Overrides(), environ={})
    with pytest.raises(Fault) as caught:
        wire.load_config(nothing)
    assert "no `bartizan.yaml` here" in str(caught.value)
    for named in (
        replace(nothing, config=config),
        replace(nothing, overrides=Overrides(upstream="http://127.0.0.1:8000")),
        replace(nothing, environ={"BARTIZAN_UPSTREAM": "http://127.0.0.1:8000"}),
    ):
        assert wire.load_config(named).upstream == "http://127.0.0.1:8000"


def test_a_plan_holds_options_form_and_secrets_in_one_document(config: Path) -> None:
    config.write_text(
        "upstream: http://127.0.0.1:8000\nauth: { api_keys: { pepper: canary-pepper } }\n"
    )
    ours = built(config)
    plan = wire.plan(chosen(config), ours)
    load = json.loads(plan.load)
    assert load["options"]["upstreams"] == ["http://127.0.0.1:8000"]
    assert load["form"] == json.loads(ours.compiled.form)
    assert load["secrets"] == {"api_key_pepper": "canary-pepper"}
    assert "canary" not in repr(plan)
    assert plan.files == (config, config.parent / "openapi.json")


def test_the_state_directory_is_for_its_owner_alone(config: Path, tmp_path: Path) -> None:
    state = wire.state_directory(built(config, state=str(tmp_path / "a/b")).config)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_state_directory_too_deep_for_a_socket_is_one_message(
    config: Path, tmp_path: Path
) -> None:
    with pytest.raises(Stopped, match="too long"):
        wire.state_directory(built(config, state=str(tmp_path / ("x" * 120))).config)


def test_a_state_directory_that_cannot_be_made_is_one_message(config: Path) -> None:
    with pytest.raises(Stopped, match="cannot be made") as stop:
        wire.state_directory(built(config, state=str(config / "below")).config)
    assert stop.value.status == BROKEN


def test_one_state_directory_has_one_control_process(tmp_path: Path) -> None:
    handle = wire.hold(tmp_path)
    with pytest.raises(Stopped, match="another `bartizan up`"):
        wire.hold(tmp_path)
    os.close(handle)
    os.close(wire.hold(tmp_path))


def test_no_gateway_runs_in_a_fresh_state_directory(tmp_path: Path) -> None:
    assert not wire.is_running(tmp_path)


def test_a_store_is_made_only_by_who_serves(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="nothing is recorded"):
        wire.open_store(tmp_path, make=False)
    wire.open_store(tmp_path, make=True).close()
    assert (tmp_path / FILE).exists()
    wire.open_store(tmp_path, make=False).close()


def test_a_document_that_cannot_be_fetched_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str) -> bytes:
        raise documents.FetchFault(f"`{url}` answers 404")

    monkeypatch.setattr(documents, "fetch", refuse)
    with pytest.raises(Fault, match="answers 404") as fault:
        wire.fetch("http://a/openapi.json")
    assert fault.value.code == "document.unreachable"


def test_a_document_on_disk_is_read_as_it_is(config: Path) -> None:
    assert wire.fetch(str(config)) == config.read_bytes()
    with pytest.raises(FileNotFoundError):
        wire.fetch(str(config) + ".none")


def test_a_failed_reload_is_told_as_at_the_start() -> None:
    kept = Kept()
    item = Diagnostic(code="config.unknown-key", message="unknown key `mod`", file="a.yaml", line=2)
    told = wire.explain_fault(Fault([item]), terminal=kept.terminal)
    assert told.startswith("error[config.unknown-key]: unknown key `mod`\n  --> a.yaml:2")
    assert wire.explain_fault(Stopped("down"), terminal=kept.terminal) == "error: down"


def test_the_control_process_is_given_all_its_doors(config: Path, tmp_path: Path) -> None:
    ours = built(config, state=str(tmp_path / "s"))
    make, tail = wire.control(chosen(config), ours, Kept().terminal)
    assert make().listening is None
    tail.hand_on  # noqa: B018, that it is a tail
    assert (tmp_path / "s" / FILE).exists()


KEYS = b'{"keys": []}'
ISSUER = (
    "upstream: http://127.0.0.1:8000\n"
    "auth: { issuers: [{ issuer: 'https://idp', audiences: [api]%s }] }\n"
)


@pytest.mark.parametrize(
    ("jwks", "fetched"),
    [
        (", jwks: 'https://idp/jwks'", ["https://idp/jwks"]),
        ("", ["https://idp/.well-known/openid-configuration", "https://idp/found"]),
    ],
)
def test_a_court_gets_the_key_sets_of_its_issuers(
    jwks: str, fetched: list[str], config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(url: str) -> bytes:
        asked.append(url)
        return b'{"jwks_uri": "https://idp/found"}' if "well-known" in url else KEYS

    monkeypatch.setattr(documents, "fetch", answer)
    config.write_text(ISSUER % jwks)
    court = wire.court(built(config), Kept().terminal, seed=b"s" * 16, now_ms=5)
    assert (court.keys, asked, court.now_ms) == ({0: KEYS}, fetched, 5)


def test_keys_that_cannot_be_had_are_said(config: Path) -> None:
    config.write_text(ISSUER % ", jwks: none.json")
    kept = Kept()
    court = wire.court(built(config), kept.terminal, seed=b"s" * 16, now_ms=5)
    assert not court.keys
    assert "keys of https://idp cannot be had" in kept.talk


@pytest.mark.parametrize(
    ("overlays", "line", "code"),
    [
        ("[gone.yaml]", 3, "description.unreadable"),
        ("\n  no.yaml:\n  - over.yaml", 4, "overlay.no-document"),
        ("\n  openapi.yaml: [over.yaml,\n    gone.yaml]", 5, "description.unreadable"),
    ],
)
def test_an_overlay_that_cannot_be_laid_is_told_at_the_line_of_the_config(
    config: Path, overlays: str, line: int, code: str
) -> None:
    document = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\n"
    (config.parent / "openapi.yaml").write_text(document)
    change = "overlay: 1.1.0\nactions: [{ target: $.info, update: { x-a: 1 } }]\n"
    (config.parent / "over.yaml").write_text(change)
    config.write_text(
        f"upstream: http://127.0.0.1:8000\nopenapi: openapi.yaml\noverlays: {overlays}\n"
    )
    with pytest.raises(Fault) as caught:
        wire.build(chosen(config), Kept().terminal)
    (one,) = caught.value.diagnostics
    assert (one.code, one.file, one.line) == (code, str(config), line)
