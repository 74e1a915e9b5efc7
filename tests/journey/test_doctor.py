"""`bartizan doctor` against a real gateway: healthy, then with one illness after the other."""

from __future__ import annotations

import json
import signal
from typing import Any

from tests.journey.api import Api, until
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan


def states(guard: Guard, *flags: str) -> tuple[int, dict[str, str]]:
    """Exit status, and each check with its state."""
    addresses = ("--listen", guard.address, "--admin", guard.admin)
    done = bartizan(guard.folder, "doctor", "--json", *addresses, *flags)
    checks = json.loads(done.stdout)["checks"]
    return done.returncode, {one["name"]: one["state"] for one in checks}


def report(guard: Guard) -> dict[str, Any]:
    done = bartizan(guard.folder, "report", "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == bool(found["lines"])
    return found


def test_a_healthy_gateway_passes_and_each_illness_is_found(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    status, found = states(guard)
    assert (status, set(found.values())) == (0, {"ok"}), found
    # Its own request is no refusal of the owner's traffic.
    until(lambda: report(guard)["probes"] or None, what="the Event of the canary")
    assert report(guard)["lines"] == []
    assert report(guard)["exchanges"] == 0
    last = bartizan(guard.folder, "tail", "--last", "1", "--count", "1", "--json")
    assert json.loads(last.stdout)["probe"] is True
    # Other files than the gateway serves.
    text = (guard.folder / "bartizan.yaml").read_text(encoding="utf-8")
    (guard.folder / "other.yaml").write_text(f"{text}closed_query: true\n", encoding="utf-8")
    status, found = states(guard, "--config", "other.yaml")
    assert (status, found["policy"]) == (1, "failed")
    # The control process is gone, the gateway serves on.
    guard.process.send_signal(signal.SIGKILL)
    guard.ended()
    until(lambda: '"control": "absent"' in guard.page("/readyz?verbose")[1] or None)
    status, found = states(guard)
    assert (status, found["control"], found["canary"]) == (1, "failed", "ok")


def test_an_api_in_the_place_of_the_gateway_is_found(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    done = bartizan(
        guard.folder,
        "doctor",
        "--json",
        "--admin",
        guard.admin,
        "--listen",
        api.url.removeprefix("http://"),
    )
    found = {one["name"]: one["state"] for one in json.loads(done.stdout)["checks"]}
    assert (done.returncode, found["canary"]) != (0, "ok")


def test_nothing_that_runs_is_broken(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    guard.stop()
    status, found = states(guard)
    assert (status, found["live"]) == (3, "broken")
