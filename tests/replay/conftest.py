"""One corpus a run: its world, its rows, and what each must come to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.oracle.decide import Oracle
from tests.replay.corpus import corpus
from tests.replay.rows import Expect, Row
from tests.replay.tokens import make_keys
from tests.replay.world import World, build


@dataclass(frozen=True)
class Played:
    """The corpus of this run. expected: by the name of the row."""

    world: World
    now_ms: int
    rows: tuple[Row, ...]
    expected: dict[str, Expect]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Tokens are made for now, since the gateway has a clock of its own."""
    return play(tmp_path_factory.mktemp("corpus"))


def play(folder: Path) -> Played:
    """The corpus, built below `folder`."""
    world = build(folder, make_keys())
    now_s = int(time.time())
    rows = corpus(world, now_s)
    oracle = Oracle.of(world, now_s)
    expected = {row.name: row.told or oracle.decide(row.capture) for row in rows}
    return Played(world, now_s * 1000, rows, expected)
