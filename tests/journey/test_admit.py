"""From a refusal to its mending: one command, and the running gateway lets the request pass."""

from __future__ import annotations

from tests.journey.api import Api
from tests.journey.client import Response
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan, explained


def buy(guard: Guard) -> Response:
    return guard.call(
        "POST", "/items", b'{"name":"pen","price":"free"}', content_type="application/json"
    )


def test_an_admitted_request_passes_and_is_refused_again_once_it_is_taken_back(
    up: GuardMaker, api: Api
) -> None:
    guard = up(api)
    config = guard.folder / "bartizan.yaml"
    config.write_text(f"# ours\n{config.read_text('utf-8')}# the end\n", encoding="utf-8")
    guard.says("reloaded: policy")
    before = config.read_text("utf-8")
    refused = buy(guard)
    assert refused.status == 422
    explained(guard.folder, refused.ref)
    shown = bartizan(guard.folder, "admit", refused.ref, "--reason", "old shop")
    assert (shown.returncode, config.read_text("utf-8")) == (1, before)
    assert "this request would pass" in shown.stdout
    done = bartizan(guard.folder, "admit", refused.ref, "--reason", "old shop", "--yes")
    assert done.returncode == 0, done.stderr
    assert "the running gateway takes it over" in done.stderr
    guard.says("reloaded: policy", times=2)
    assert buy(guard).status < 400
    other = guard.call("POST", "/items", b'{"name":7,"price":1}', content_type="application/json")
    assert other.status == 422, "nothing else is let in"
    written = config.read_text("utf-8")
    assert "# ours\n" in written
    assert "reason: old shop" in written
    assert bartizan(guard.folder, "admit", "--undo", "--yes").returncode == 0
    assert config.read_text("utf-8") == before
    guard.says("reloaded: policy", times=3)
    assert buy(guard).status == 422
