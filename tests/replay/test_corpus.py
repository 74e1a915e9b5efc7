"""Equal Decisions, reasons included, over every driver; and no check without its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from bartizan import _core
from tests.replay import drivers
from tests.replay.conftest import Played
from tests.replay.corpus import UNREACHABLE
from tests.replay.rows import Expect, Row

CODES = tuple(code[0] for code in _core.codes())
REACHED = tuple(code for code in CODES if code not in UNREACHABLE)


def same(got: Expect, wanted: Expect) -> bool:
    """Equal, but a wanted pointer `*` is any: where torn JSON stops is the reader's."""
    if [len(got.findings), got.verdict, got.status, got.enforcement] != [
        len(wanted.findings), wanted.verdict, wanted.status, wanted.enforcement
    ]:  # fmt: skip
        return False
    pairs = zip(got.findings, wanted.findings, strict=True)
    return all(
        one == other or (other[3] == "*" and one[:3] + one[4:] == other[:3] + other[4:])
        for one, other in pairs
    )


def told(row: Row, got: Expect, wanted: Expect) -> str:
    """Both sides of one disagreement."""
    return f"\n{row.name}\n  wanted {wanted}\n  got    {got}"


def wrong(results: Iterable[tuple[Row, Expect]], expected: dict[str, Expect]) -> Iterator[str]:
    """Every row that did not come to what it must."""
    for row, got in results:
        if not same(got, expected[row.name]):
            yield told(row, got, expected[row.name])


def test_the_corpus_is_large_and_has_both_sides(played: Played) -> None:
    names = [row.name for row in played.rows]
    assert len(names) >= 500
    assert len(set(names)) == len(names)
    passing = sum(1 for want in played.expected.values() if want.verdict == "allow")
    assert passing >= 150
    assert len(names) - passing >= 250


def test_every_code_is_reached_or_its_absence_has_a_reason(played: Played) -> None:
    wanted = {each[0] for want in played.expected.values() for each in want.findings}
    assert wanted.isdisjoint(UNREACHABLE)
    assert wanted | set(UNREACHABLE) == set(CODES)


@pytest.mark.parametrize("driver", drivers.DRIVERS, ids=lambda one: one.name)
def test_a_driver_comes_to_what_the_corpus_says(played: Played, driver: drivers.Driver) -> None:
    rows = [row for row in played.rows if driver.name in row.mounts]
    assert len(rows) >= driver.at_least
    results = [
        (row, drivers.decision(event))
        for row, event in driver.play(played.world, rows, played.now_ms)
    ]
    assert len(results) == len(rows)
    assert not list(wrong(results, played.expected))


@pytest.mark.parametrize("code", REACHED)
def test_a_check_taken_out_changes_a_decision(played: Played, code: str) -> None:
    def is_about(row: Row) -> bool:
        return any(each[0] == code for each in played.expected[row.name].findings)

    groups = {row.group for row in played.rows if row.group and is_about(row)}
    rows = [row for row in played.rows if is_about(row) or row.group in groups]
    results = drivers.replay(played.world, rows, played.now_ms, without=code)
    judged = [(row, drivers.decision(event)) for row, event, _ in results]
    changed = list(wrong(judged, played.expected))
    assert changed, f"nothing changes without `{code}`"


def test_two_runs_give_the_same_events(played: Played) -> None:
    first, second = (
        [event for _, event, _ in drivers.replay(played.world, played.rows, played.now_ms)]
        for _ in range(2)
    )
    assert first == second
