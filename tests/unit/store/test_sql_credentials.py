import itertools
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bartizan.store.credentials import Credentials
from bartizan.store.sql_credentials import SqlCredentials
from tests.unit.identity.issued import NOW_S, key
from tests.unit.store import credentials_contract as contract


@pytest.mark.parametrize("check", contract.ALL)
def test_sql_keeps_the_contract(check: Callable[[contract.Make], None], tmp_path: Path) -> None:
    made: list[SqlCredentials] = []
    numbers = itertools.count()

    def make() -> Credentials:
        made.append(SqlCredentials(tmp_path / f"{next(numbers)}.db"))
        return made[-1]

    check(make)
    for store in made:
        store.close()


def test_what_another_process_writes_changes_the_version(tmp_path: Path) -> None:
    ours, theirs = (SqlCredentials(tmp_path / "one.db") for _ in range(2))
    before = ours.version()
    ours.add(key("1", "a"))
    assert ours.version() == before
    theirs.revoke(contract.revocation("t", NOW_S + 1), NOW_S)
    assert ours.version() != before
    assert len(ours.revocations()) == 1
    ours.close()
    theirs.close()


def test_what_is_announced_changes_the_version_for_others(tmp_path: Path) -> None:
    ours, theirs = (SqlCredentials(tmp_path / "one.db") for _ in range(2))
    before = ours.version()
    for _ in range(2):
        theirs.announce()
        assert ours.version() != before
        before = ours.version()
    ours.close()
    theirs.close()


def test_a_table_of_an_older_version_gets_its_columns(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "one.db")) as base:
        base.executescript(
            """
            create table api_key (
                seq integer primary key, id text not null unique, owner text not null,
                kind text not null, env text not null, scopes text not null,
                networks text not null, made_s integer not null, expires_s integer,
                waiver text not null, revoked_s integer);
            create table secret (
                digest text primary key, id text not null, made_s integer not null,
                ends_s integer, used_s integer) without rowid;
            insert into api_key values (1, 'k', 'o', 'svc', 'live', '[]', '[]', 1, null, '', null);
            insert into secret values ('d', 'k', 1, null, 2);
            """
        )
    for _ in range(2):
        store = SqlCredentials(tmp_path / "one.db")
        found = store.key("k")
        assert found is not None
        assert (found.operations, found.secrets[0].pepper, found.used_s) == ((), "", 2)
        store.close()


def test_positions_are_never_given_twice(tmp_path: Path) -> None:
    store = SqlCredentials(tmp_path / "one.db")
    first = store.revoke(contract.revocation("t1", NOW_S + 1), NOW_S)
    store.close()
    again = SqlCredentials(tmp_path / "one.db")
    # The first entry has ended and is forgotten: its position must not come again.
    second = again.revoke(contract.revocation("t2", NOW_S + 9), NOW_S + 5)
    assert again.revocations() == (second,)
    assert second.position > first.position
    again.close()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    SqlCredentials(tmp_path / "one.db").close()
    assert stat.S_IMODE((tmp_path / "one.db").stat().st_mode) == 0o600
