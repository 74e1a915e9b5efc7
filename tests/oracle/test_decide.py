"""The oracle and the generator judge apart: where both do, they agree."""

from __future__ import annotations

import pytest

from tests.oracle.decide import Oracle
from tests.replay.conftest import Played, play
from tests.replay.rows import Row

KNOWN = (
    "identify.",
    "authorize.",
    "good token",
    "good key",
    "good scope",
    "good credential",
    "good session",
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("corpus"))


def is_known(row: Row) -> bool:
    """Callers by their credentials; what a recorder vouches for is no business of the oracle."""
    return row.name.startswith(KNOWN) and "principal" not in row.capture and not row.group


def test_the_oracle_comes_to_what_the_generator_says_of_credentials(played: Played) -> None:
    oracle = Oracle.of(played.world, played.now_ms // 1000)
    rows = [row for row in played.rows if row.told and is_known(row)]
    compared = 0
    for row in rows:
        try:
            judged = oracle.decide(row.capture)
        except NotImplementedError:
            continue
        assert judged == row.told, row.name
        compared += 1
    assert compared >= 90
