"""Several APIs behind one gateway: equal Decisions over every driver, each for the right API."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.oracle.apis import Oracles
from tests.replay import apis, drivers, rows_apis
from tests.replay.conftest import Played
from tests.replay.corpus import with_wsgi
from tests.replay.rows import Maker
from tests.replay.test_corpus import wrong
from tests.replay.tokens import make_keys


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("apis"))


def play(folder: Path) -> Played:
    """The corpus of several APIs, built below `folder`."""
    world = apis.build(folder, make_keys())
    now_s = int(time.time())
    made = rows_apis.rows(Maker(now_s * 1000), world.keys, now_s)
    rows = tuple(with_wsgi(row) for row in made)
    oracles = Oracles.of(world, now_s)
    expected = {row.name: row.told or oracles.decide(row.capture) for row in rows}
    return Played(world, now_s * 1000, rows, expected)


def test_the_rows_have_both_sides_and_every_api(several: Played) -> None:
    names = [row.name for row in several.rows]
    assert len(set(names)) == len(names)
    assert len(names) >= 500
    verdicts = [want.verdict for want in several.expected.values()]
    assert verdicts.count("allow") >= 100
    assert len(verdicts) - verdicts.count("allow") >= 250
    codes = {each[0] for want in several.expected.values() for each in want.findings}
    assert codes >= {
        "match.unknown-path", "match.unknown-method", "match.internal", "identify.audience",
        "identify.unknown-issuer", "identify.credential-missing", "authorize.scope", "limit.rate",
        "shape.undeclared-field", "inspect.parameter-undeclared", "parse.bad-host",
    }  # fmt: skip


@pytest.mark.parametrize("driver", drivers.DRIVERS, ids=lambda one: one.name)
def test_a_driver_comes_to_what_the_oracle_of_the_right_api_says(
    several: Played, driver: drivers.Driver
) -> None:
    rows = [row for row in several.rows if driver.name in row.mounts]
    assert len(rows) >= 450
    played = list(driver.play(several.world, rows, several.now_ms))
    assert len(played) == len(rows)
    assert not list(
        wrong(((row, drivers.decision(event)) for row, event in played), several.expected)
    )
    oracles = Oracles.of(several.world, several.now_ms // 1000)
    for row, event in played:
        entry = oracles.entry(row.capture)
        codes = [each[0] for each in several.expected[row.name].findings]
        is_read = not any(code.startswith("parse.") for code in codes)
        if is_read and entry is not None and event.get("operation"):
            assert event["operation"].partition(":")[0] == entry["name"], row.name


def test_the_form_names_each_operation_by_its_api(several: Played) -> None:
    form = json.loads(several.world.compiled.form)
    named = {one["id"] for one in form["operations"]}
    assert {
        "shop:GET /shop/items/{id}", "admin:GET /shop/admin/items/{id}", "bank:GET /items/{id}",
        "vip:GET /vip/items/{id}", "port:GET /items/{id}", "plain:GET /plain/items/{id}",
    } <= named  # fmt: skip
