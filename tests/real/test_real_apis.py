"""Real APIs behind `bartizan up`: whatever honest use sees of it is explained and mended."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bartizan.policy.edit import Offer, apply_offer
from tests.journey.api import until
from tests.journey.guard import ANYWHERE, Guard, bartizan
from tests.real import use_chroma, use_httpbin, use_todo
from tests.real.apis import CHROMA, HTTPBIN, TODO_LIST, RealApi, running
from tests.real.compare import Difference, differences
from tests.real.steps import Answer, Step, play

ROUNDS_MAX = 8
USES = ((HTTPBIN, use_httpbin.STEPS), (TODO_LIST, use_todo.STEPS), (CHROMA, use_chroma.STEPS))


@dataclass(frozen=True)
class Used:
    """An API and what its honest use gave straight."""

    api: RealApi
    steps: tuple[Step, ...]
    straight: list[Answer]
    address: str


@pytest.fixture(scope="module", params=USES, ids=lambda use: use[0].name)
def used(request: pytest.FixtureRequest) -> Iterator[Used]:
    api, steps = request.param
    with folder() as place, running(api, place / "api") as address:
        yield Used(api, steps, play(address, steps), address)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """An empty folder with a short path: a Unix socket takes 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="bz-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def guarded(
    used: Used, place: Path, config: dict[str, object]
) -> Iterator[tuple[Guard, list[Difference]]]:
    """A fresh instance behind `bartizan up`, after the same use; gives what differed."""
    with running(used.api, place / "api") as address:
        usual = {
            "upstream": f"http://{address}",
            "openapi": f"http://{address}{used.api.document}",
            "listen": ANYWHERE,
            "admin": ANYWHERE,
            "state": str(place / ".bartizan"),
        }
        (place / "bartizan.yaml").write_text(yaml.safe_dump(usual | config), encoding="utf-8")
        guard = Guard(place, ["--config", str(place / "bartizan.yaml")])
        try:
            answers = play(guard.address, used.steps)
            addresses = (used.address, address, guard.address)
            yield guard, differences(used.steps, used.straight, answers, addresses)
        finally:
            guard.stop()


def report(place: Path, exchanges: int) -> list[dict[str, Any]]:
    """The lines of `bartizan report --json`, once it knows of this many exchanges."""

    def read() -> list[dict[str, Any]] | None:
        ran = bartizan(place, "report", "--json")
        assert ran.returncode in {0, 1}, ran.stderr
        data = json.loads(ran.stdout)
        lines: list[dict[str, Any]] = data["lines"]
        return [{}, *lines] if data["exchanges"] >= exchanges else None

    return until(read, what="the whole report")[1:]


def test_each_use_is_varied(used: Used) -> None:
    assert len(used.steps) >= 40
    assert len({one.status for one in used.straight}) >= 5
    assert len({step.method for step in used.steps}) >= 4


def test_shadow_changes_nothing(used: Used) -> None:
    with folder() as place, guarded(used, place, {"mode": "shadow"}) as (_, found):
        assert not found, "\n".join(map(str, found))


def test_each_difference_of_enforce_is_explained(used: Used) -> None:
    with folder() as place, guarded(used, place, {"mode": "enforce"}) as (_, found):
        shaped = {str(line["operation"]) for line in report(place, len(used.steps))}
        for one in found:
            if one.ref:
                told = json.loads(bartizan(place, "explain", one.ref, "--json").stdout)
                assert told["fields"], one
            else:
                assert one.step.target in shaped, one


def test_the_offers_of_the_report_mend_every_difference(used: Used) -> None:
    config: dict[str, object] = {"mode": "enforce"}
    for _ in range(ROUNDS_MAX):
        with folder() as place, guarded(used, place, config) as (_, found):
            lines = report(place, len(used.steps))
        print(used.api.name, len(found), dict(Counter(str(line["code"]) for line in lines)))
        if not found:
            return
        for line in lines:
            change = line["change"]
            assert "path" in change, line
            config = apply_offer(config, as_offer(change))
    pytest.fail(f"differences are left after {ROUNDS_MAX} rounds of offers")


def as_offer(data: dict[str, Any]) -> Offer:
    return Offer(data["title"], tuple(data["path"]), data["action"], data["value"])
