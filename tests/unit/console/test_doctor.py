import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bartizan.console import doctor
from bartizan.console.probe import Answer
from bartizan.console.terminal import Stopped
from bartizan.model.errors import fault
from bartizan.policy.config import Overrides, load

HASH = "a" * 64
REF = "0123456789abcdef"
CONFIG = load(None, overrides=Overrides(upstream="http://127.0.0.1:8000"), environ={})
HEALTHY: dict[str, Any] = {
    "policy": HASH,
    "generation": 3,
    "control": "joined",
    "upstream": "reachable",
    "keys": {"main": {"state": "good", "keys": 2, "message": ""}},
    "events": {"dropped": 0},
}


@dataclass
class Seen:
    """A network in memory."""

    facts: dict[str, Any] = field(default_factory=lambda: dict(HEALTHY))
    ready: int = 200
    refusal: int = 400
    date: str = "Wed, 25 Nov 2026 08:00:00 GMT"
    is_down: bool = False

    def get(self, url: str) -> Answer:
        if self.is_down:
            raise OSError("refused")
        if "readyz" in url:
            return Answer(self.ready, {}, json.dumps(self.facts).encode())
        return Answer(200, {"date": self.date}, b"ok")

    def canary(self, _address: str) -> tuple[int, str]:
        return self.refusal, REF


def states(seen: Seen, policy: str = HASH) -> dict[str, str]:
    return {
        one.name: one.state
        for one in doctor.gateway(CONFIG, policy, seen, lambda _ref: True, nullcontext)
    }


def test_the_canary_is_remembered_or_named() -> None:
    known: list[str] = []

    def told(*, is_kept: bool) -> str:
        def remember(ref: str) -> bool:
            known.append(ref)
            return is_kept

        *_others, canary = doctor.gateway(CONFIG, HASH, Seen(), remember, nullcontext)
        return canary.words

    assert REF not in told(is_kept=True)
    assert REF in told(is_kept=False)
    assert known == [REF, REF]


def test_a_healthy_gateway_is_ok_in_everything() -> None:
    assert set(states(Seen()).values()) == {"ok"}


@pytest.mark.parametrize(
    ("seen", "name", "state"),
    [
        (Seen(is_down=True), "live", "broken"),
        (Seen(ready=503), "ready", "failed"),
        (Seen(facts={**HEALTHY, "policy": "b" * 64}), "policy", "failed"),
        (Seen(facts={**HEALTHY, "control": "absent"}), "control", "failed"),
        (Seen(facts={**HEALTHY, "upstream": "unreachable"}), "upstream", "failed"),
        (Seen(facts={**HEALTHY, "events": {"dropped": 7}}), "events", "warning"),
        (Seen(facts={**HEALTHY, "keys": {"m": {"state": "missing", "keys": 0}}}), "keys", "failed"),
        (Seen(facts={**HEALTHY, "keys": {"m": {"state": "late", "keys": 1}}}), "keys", "warning"),
        (Seen(refusal=200), "canary", "failed"),
    ],
)
def test_each_illness_is_found(seen: Seen, name: str, state: str) -> None:
    assert states(seen)[name] == state


def test_files_that_do_not_compile_cannot_be_compared() -> None:
    assert states(Seen(), "")["policy"] == "warning"


def test_a_request_that_is_cut_off_counts_as_refused() -> None:
    assert states(Seen(refusal=0))["canary"] == "ok"


@pytest.mark.parametrize(
    ("off_s", "state"), [(0, "ok"), (4, "ok"), (10, "warning"), (90, "failed"), (-90, "failed")]
)
def test_clocks_are_compared(off_s: int, state: str) -> None:
    now_ms = (1_795_593_600 + off_s) * 1000
    assert [one.state for one in doctor.clock(CONFIG, now_ms, Seen())] == [state]


def test_a_server_without_a_date_or_an_answer_says_nothing_of_clocks() -> None:
    assert list(doctor.clock(CONFIG, 0, Seen(date=""))) == []
    assert list(doctor.clock(CONFIG, 0, Seen(is_down=True))) == []


def test_versions_must_fit() -> None:
    def found(core: str | None, python: tuple[int, int]) -> list[str]:
        return [one.state for one in doctor.installation("1.0", core, python)]

    assert found("1.0", (3, 11)) == ["ok", "ok"]
    assert found("0.9", (3, 10)) == ["failed", "failed"]
    assert found(None, (3, 13)) == ["broken", "ok"]
    assert doctor.core_version()
    assert doctor.python_version() >= (3, 11)


def test_a_state_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert [one.state for one in doctor.state_directory(state)] == ["warning"]
    state.mkdir(mode=0o700)
    (state / "events.db").touch(mode=0o600)
    assert [one.state for one in doctor.state_directory(state)] == ["ok"]
    (state / "events.db").chmod(0o644)
    (open_file,) = doctor.state_directory(state)
    assert (open_file.state, "events.db" in open_file.words) == ("failed", True)
    (file,) = doctor.state_directory(state / "events.db")
    assert "no directory" in file.words


def test_a_config_that_does_not_compile_is_told_by_its_first_fault() -> None:
    (broken,) = doctor.configuration(fault("config.unreadable", "gone", file="b.yaml"))
    assert (broken.state, broken.words) == ("failed", "b.yaml: gone")
    (down,) = doctor.configuration(Stopped("the API is down", hint="start it"))
    assert (down.state, down.hint) == ("broken", "start it")


def test_what_the_gateway_waits_for_is_told() -> None:
    seen = Seen(ready=503)
    seen.facts = {**seen.facts, "waits_for": "no issuer has keys"}
    found = {
        one.name: one for one in doctor.gateway(CONFIG, HASH, seen, lambda _: True, nullcontext)
    }
    assert found["ready"].state == "failed"
    assert found["ready"].words == "/readyz waits (no issuer has keys) and answers 503"
