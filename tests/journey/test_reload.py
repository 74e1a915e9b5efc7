"""A Policy is swapped whole, while requests run: a bad one is refused and the good one stays."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bartizan.gateway.link import Loaded, Refused
from tests.journey.api import Api, until
from tests.journey.conftest import GuardMaker, write_config
from tests.journey.gateway import Gateway, Link, compiled
from tests.journey.guard import Guard

SWAPS = 50
LOAD_THREADS = 2


def change(guard: Guard, api: Api, **config: object) -> None:
    """Writes the config anew, as an editor does: a new file in place of the old one."""
    write_config(guard.folder, api, config)


def policy_of(guard: Guard, status: int = 422) -> str:
    """The Policy that judges now."""
    refused = guard.call("GET", "/items/x")
    assert refused.status == status
    return str(guard.event(refused.ref)["policy"])


def test_a_changed_config_is_taken_over_without_a_word_from_anyone(
    up: GuardMaker, api: Api
) -> None:
    guard = up(api)
    before = policy_of(guard)
    change(guard, api, controls={"inspect": "shadow"})
    guard.says("reloaded: policy")
    assert guard.call("GET", "/items/x").status == 200
    change(guard, api, limits={"per": "address", "rate": "1/min"})
    guard.says("reloaded: policy", times=2)
    statuses = [guard.call("GET", "/items/1").status for _ in range(2)]
    assert statuses == [200, 429]
    assert policy_of(guard, 429) != before
    assert guard.count("bartizan_policy_generation") == 3


def test_sighup_reads_the_document_of_the_api_again(up: GuardMaker) -> None:
    api = Api()
    guard = up(api)
    assert guard.call("GET", "/later").status == 404
    later = {"get": {"responses": {"default": {"description": "anything"}}}}
    api.openapi["paths"]["/later"] = later
    guard.signal(signal.SIGHUP)
    guard.says("reloaded: policy")
    seen = len(api.seen)
    guard.call("GET", "/later")
    assert api.seen[seen].path == "/later"
    api.close()


def test_a_bad_config_keeps_the_good_one_and_says_why(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    good = policy_of(guard)
    config = guard.folder / "bartizan.yaml"
    text = config.read_text(encoding="utf-8")
    bad = {
        "mode: [\n": "error[yaml.syntax]",
        text + "limitz: { per: principal, rate: 1/min }\n": "did you mean `limits`",
        text + "operations: { 'GET /nowhere': { body_max_bytes: 1 } }\n": "GET /nowhere",
        text.replace(f"upstream: {api.url}", "upstream: nonsense"): "bartizan.yaml:",
    }
    for number, (written, says) in enumerate(bad.items(), 1):
        config.write_text(written, encoding="utf-8")
        guard.says("reload refused, the policy before stays", times=number)
        assert says in guard.err
        assert policy_of(guard) == good
    listen = yaml.safe_load(text) | {"listen": "127.0.0.1:1"}
    config.write_text(yaml.safe_dump(listen), encoding="utf-8")
    guard.says("`listen` cannot change")
    assert policy_of(guard) == good
    config.write_text(text + "limits: { per: address, rate: 1000/min }\n", encoding="utf-8")
    guard.says("reloaded: policy")
    assert policy_of(guard) != good
    assert "Traceback" not in guard.err


def test_a_request_under_way_keeps_the_policy_it_began_with(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    before = policy_of(guard)
    api.release.clear()
    api.arrived.clear()
    with guard.client() as client:
        client.send(b"GET /odd/hold-1 HTTP/1.1\r\nhost: api\r\n\r\n")
        assert api.arrived.wait(10)
        change(guard, api, limits={"per": "address", "rate": "5000/min"})
        guard.says("reloaded: policy")
        after = policy_of(guard)
        api.release.set()
        held = client.response()
        assert held.status == 200
        assert held.field("ratelimit-policy") is None
        assert client.call("GET", "/items/1").field("ratelimit-policy") is not None
    event = until(lambda: next((e for e in guard.events if e["path"] == "/odd/hold-1"), None))
    assert (event["policy"], event["verdict"]) == (before, "allow")
    assert before != after
    # Nobody holds the old Policy any more: it is freed.
    until(lambda: '"retired_generations": 0' in guard.page("/readyz?verbose")[1] or None)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    folder = Path(tempfile.mkdtemp(prefix="bz-"))
    gateway = Gateway(folder / "state")
    yield gateway
    gateway.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_no_request_fails_or_sees_two_policies_during_50_swaps(gateway: Gateway, api: Api) -> None:
    folder = gateway.state.parent
    limits = {"per": "address", "rate": "1000000/min"}
    policies = [compiled(folder, api, {}), compiled(folder, api, {"limits": limits})]
    link = Link(gateway)
    assert isinstance(link.load(policies[0]), Loaded)
    link.listen()
    ended, statuses = threading.Event(), Counter[int]()
    loads = [
        threading.Thread(target=_load, args=(gateway, ended, statuses)) for _ in range(LOAD_THREADS)
    ]
    for thread in loads:
        thread.start()
    for number in range(1, SWAPS + 1):
        answer = link.load(policies[number % 2])
        assert isinstance(answer, Loaded)
        assert (answer.hash, answer.generation) == (policies[number % 2].hash, number + 1)
        until(lambda: statuses.total() >= number * 20 or None, what="requests")  # noqa: B023
        if number % 10 == 0:
            bad = policies[0].payload.replace(b'"operations":', b'"operationz":')
            assert isinstance(link.load(type(policies[0])(bad, "")), Refused)
    ended.set()
    for thread in loads:
        thread.join(10)
    link.stop()
    assert gateway.process.wait(10) == 0
    assert set(statuses) == {200, 422}
    assert len(link.events) == sum(statuses.values())
    known = {policy.hash[:16] for policy in policies}
    assert {event["policy"] for event in link.events} == known
    for event in link.events:
        assert event["verdict"] == ("deny" if event["path"] == "/items/x" else "allow")


def _load(gateway: Gateway, ended: threading.Event, statuses: Counter[int]) -> None:
    with gateway.client() as client:
        while not ended.is_set():
            for path in ("/items/1", "/items/x"):
                statuses[client.call("GET", path).status] += 1
