"""Each refusal is explained in eight fields; the offered change flips its Decision in replay."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.event import Event, Notable, parse_event
from bartizan.policy.edit import NotOffered, Offer, apply_offer
from bartizan.policy.explain import FIELDS, Explanation, Facts, explain
from bartizan.policy.lines import Lines
from bartizan.policy.words import code_facts
from tests.property.test_shadow import controls
from tests.replay import drivers
from tests.replay.asgi import body_of
from tests.replay.conftest import Played, play
from tests.replay.rows import Row
from tests.replay.world import World, build

OFFERS_MAX = 12
"""An Exchange may have several reasons: each offer mends one, so many are applied in turn."""


@dataclass(frozen=True)
class Told:
    """A refusal of one mode, with its Event and its explanation."""

    row: Row
    event: Event
    explained: Explanation
    world: World


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def refusals(played: Played, tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Every deny, throttle and challenge of the corpus, enforced and in shadow."""
    folder = tmp_path_factory.mktemp("shadow")
    shadow = build(folder, played.world.keys, controls(played.world.data, "shadow"))
    return [*refused(played.world, played), *refused(shadow, played)]


def explained(event: Event, line: bytes, world: World) -> Explanation:
    lines = Lines(world.compiled)
    settings = tuple(lines.setting(one.document, one.source) for one in event.reasons)
    facts = Facts(version="1", codes=code_facts(), config=world.data)
    return explain(Notable(event, line, settings), facts)


def refused(world: World, played: Played) -> list[Told]:
    found = []
    for row, data, _ in drivers.replay(world, played.rows, played.now_ms):
        line = json.dumps(data).encode()
        event = parse_event(line)
        if event.verdict != "allow":
            found.append(Told(row, event, explained(event, line, world), world))
    return found


def test_all_eight_fields_are_there_or_say_why_not(refusals: list[Told]) -> None:
    assert len(refusals) >= 800
    without: Counter[str] = Counter()
    for told in refusals:
        assert tuple(one.name for one in told.explained.fields) == FIELDS
        for one in told.explained.fields:
            assert (one.value is None) == bool(one.reason), (told.row.name, one)
            without[one.name] += one.value is None
    print(f"{len(refusals)} refusals; fields not applicable: {dict(+without)}")


def test_the_line_named_holds_the_setting(refusals: list[Told]) -> None:
    held = 0
    for told in refusals:
        reason = told.event.leading
        setting = told.explained.fields[FIELDS.index("setting")].value
        assert reason is not None
        assert (setting is None) == (reason.document is None), told.row.name
        if setting is None:
            continue
        lines = Path(str(setting["file"])).read_text().splitlines()
        line = lines[int(str(setting["line"])) - 1]
        assert line.strip() == setting["text"], told.row.name
        last = reason.source.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        # A position in a list stands on the line of its value, the whole document on its first.
        if last and not last.isdigit():
            assert json.dumps(last) in line, (told.row.name, line)
        held += 1
    assert held >= 500


def test_the_pointer_leads_to_the_recorded_value(refusals: list[Told]) -> None:
    compared = 0
    for told in refusals:
        capture = told.row.capture["request"]
        for reason in told.event.reasons:
            if reason.location != "body" or reason.stage != "inspect" or reason.value is None:
                continue
            if "json" not in str(capture["fields"]) or reason.value.startswith("[masked"):
                continue
            value = resolve(json.loads(body_of(capture["body"])), reason.pointer)
            assert shown(value) == reason.value, (told.row.name, reason)
            compared += 1
    assert compared >= 60


def resolve(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def shown(value: Any) -> str:
    """As an Event tells it."""
    if isinstance(value, dict):
        return f"an object of {len(value)} members"
    if isinstance(value, list):
        return f"a list of {len(value)} items"
    return value if isinstance(value, str) else json.dumps(value)


def test_the_offered_change_flips_the_decision(
    played: Played, refusals: list[Told], tmp_path: Path
) -> None:
    flipped: Counter[str] = Counter()
    unoffered: Counter[str] = Counter()
    stuck: list[str] = []
    worlds: dict[str, World] = {}
    for told in refusals:
        reason = told.event.leading
        assert reason is not None
        first = told.explained.offers[0]
        if not any(isinstance(one, Offer) for one in told.explained.offers):
            assert isinstance(first, NotOffered)
            assert first.reason
            unoffered[first.reason] += 1
            continue
        outcome = applied(told, played, worlds, tmp_path)
        if outcome == "flipped":
            flipped[reason.code] += 1
        elif outcome.startswith("not offered: "):
            unoffered[outcome.removeprefix("not offered: ")] += 1
        else:
            stuck.append(f"{told.row.name} ({told.event.enforcement}): {outcome}")
    print(f"flipped {flipped.total()}: {dict(flipped)}")
    print(f"not applicable {unoffered.total()}: {dict(unoffered)}")
    assert not stuck, "\n".join(stuck)
    assert flipped.total() >= 500


def applied(told: Told, played: Played, worlds: dict[str, World], folder: Path) -> str:
    """Applies what is offered, reason after reason as they come up, and judges anew."""
    world, event, explanation = told.world, told.event, told.explained
    for _ in range(OFFERS_MAX):
        reason = event.leading
        counting = [one for one in event.reasons if one.counts]
        change = explanation.offers[counting.index(reason)] if reason in counting else None
        if not isinstance(change, Offer):
            return f"not offered: {change.reason if change else 'nothing'}"
        world = changed(world, change, worlds, folder)
        rows = [row for row in played.rows if row.group and row.group == told.row.group]
        for row, data, _ in drivers.replay(world, rows or [told.row], played.now_ms):
            if row.name != told.row.name:
                continue
            before, line = event, json.dumps(data).encode()
            event = parse_event(line)
            if event.verdict == "allow":
                return "flipped"
            explanation = explained(event, line, world)
            again = explanation.offers[0]
            if place_of(event) == place_of(before) and change == again:
                return f"`{change.title}` changes nothing"
    return "more offers than allowed"


def place_of(event: Event) -> tuple[str, str]:
    assert event.leading is not None
    return event.leading.code, event.leading.field


def changed(world: World, change: Offer, worlds: dict[str, World], folder: Path) -> World:
    """The world with the change made, compiled once for each config."""
    data = apply_offer(world.data, change)
    text = json.dumps(data)
    if text not in worlds:
        place = folder / str(len(worlds))
        place.mkdir()
        worlds[text] = build(place, world.keys, data, world.compiled.site.parts[0].description)
    return worlds[text]
