import itertools
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.store.ports import Bounds, Notables, Query, Totals
from bartizan.store.sql import SqlNotables, journal_mode
from tests.unit.store import contract
from tests.unit.store.rows import row


@pytest.mark.parametrize("check", contract.ALL)
def test_sql_keeps_the_contract(check: Callable[[contract.Make], None], tmp_path: Path) -> None:
    made: list[SqlNotables] = []
    numbers = itertools.count()

    def make(bounds: Bounds | None) -> Notables:
        made.append(SqlNotables(tmp_path / f"{next(numbers)}.db", bounds))
        return made[-1]

    check(make)
    for store in made:
        store.close()


def test_rows_outlive_the_process_that_wrote_them(tmp_path: Path) -> None:
    first = SqlNotables(tmp_path / "events.db")
    first.keep([row("a")], Totals(delivered=1))
    first.close()
    second = SqlNotables(tmp_path / "events.db")
    assert second.find("a") == row("a")
    second.close()


def test_a_reader_sees_what_the_writer_committed(tmp_path: Path) -> None:
    writer, reader = (SqlNotables(tmp_path / "events.db") for _ in range(2))
    writer.keep([row("a")], Totals(delivered=1))
    assert reader.count(Query()) == 1
    writer.close()
    reader.close()


def test_a_batch_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    store = SqlNotables(tmp_path / "events.db")
    with pytest.raises(AttributeError):
        store.keep([row("a"), None], Totals(delivered=2))  # type: ignore[list-item]
    assert store.totals() == Totals()
    assert store.count(Query()) == 0
    store.close()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    SqlNotables(tmp_path / "events.db").close()
    assert stat.S_IMODE((tmp_path / "events.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "delete"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "delete"),
        ((3, 54, 1), "wal"),
    ],
)
def test_wal_is_used_only_where_its_reset_is_mended(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode
