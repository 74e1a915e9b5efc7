"""Issued API keys and the log of revocations in one SQLite file, for its owner alone.

Keyed hashes only: without the pepper, which is kept beside it, the file opens nothing. Several
processes may write: a writer takes the file for one short transaction.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from bartizan.model.credential import ApiKey, KeySecret, Revocation
from bartizan.store.credentials import Credentials
from bartizan.store.sql import journal_mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.store.credentials import Change

FILE = "credentials.db"

_SCHEMA = """
create table if not exists api_key (
    seq integer primary key, id text not null unique, owner text not null, kind text not null,
    env text not null, scopes text not null, networks text not null, made_s integer not null,
    expires_s integer, waiver text not null, revoked_s integer,
    operations text not null default '[]');
create table if not exists secret (
    digest text primary key, id text not null, made_s integer not null, ends_s integer,
    used_s integer, since_s integer, idle_s integer, pepper text not null default '')
    without rowid;
create index if not exists secret_of on secret (id);
create table if not exists revocation (
    position integer primary key autoincrement, kind text not null, issuer text not null,
    name text not null, before_s integer not null, until_s integer not null,
    made_s integer not null);
create index if not exists revocation_end on revocation (until_s);
"""


# Columns that a table of an older version lacks.
_ADDED = (
    ("api_key", "operations", "text not null default '[]'"),
    ("secret", "since_s", "integer"),
    ("secret", "idle_s", "integer"),
    ("secret", "pepper", "text not null default ''"),
)


class SqlCredentials(Credentials):
    """In `path`, which is made when missing (mode 0600)."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._base = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        self._base.execute(f"pragma journal_mode={journal_mode(sqlite3.sqlite_version_info)}")
        self._base.execute("pragma synchronous=full")
        self._base.executescript(_SCHEMA)
        self._add_columns()

    def _add_columns(self) -> None:
        if not self._missing():
            return
        with self._writing():
            for table, name, kind in self._missing():
                self._base.execute(f"alter table {table} add column {name} {kind}")

    def _missing(self) -> list[tuple[str, str, str]]:
        tables = dict.fromkeys(table for table, _name, _kind in _ADDED)
        known = {
            (table, row[1])
            for table in tables
            for row in self._base.execute(f"pragma table_info({table})")
        }
        return [one for one in _ADDED if one[:2] not in known]

    def add(self, key: ApiKey) -> None:
        """See Credentials."""
        with self._writing():
            try:
                self._insert(key)
            except sqlite3.IntegrityError as known:
                raise KeyError(key.id) from known

    def change(self, key_id: str, change: Change) -> ApiKey:
        """See Credentials."""
        with self._writing():
            old = self.key(key_id)
            if old is None:
                raise KeyError(key_id)
            new = change(old)
            self._base.execute("delete from secret where id = ?", (key_id,))
            self._base.execute(_CHANGE, (*_fields(new)[1:], key_id))
            self._base.executemany(_DIGESTS, _secrets(new))
        return new

    def key(self, key_id: str) -> ApiKey | None:
        """See Credentials."""
        return next(self._read("where id = ?", (key_id,)), None)

    def keys(self) -> tuple[ApiKey, ...]:
        """See Credentials."""
        return tuple(self._read("order by seq", ()))

    def revoke(self, entry: Revocation, now_s: int) -> Revocation:
        """See Credentials."""
        with self._writing():
            self._base.execute("delete from revocation where until_s <= ?", (now_s,))
            row = (entry.kind, entry.issuer, entry.name, entry.before_s, entry.until_s)
            position = self._base.execute(_REVOKE, (*row, entry.made_s)).lastrowid
        return _revocation((position, *row, entry.made_s))

    def revocations(self, after: int = 0) -> tuple[Revocation, ...]:
        """See Credentials."""
        return tuple(map(_revocation, self._base.execute(_LOG, (after,))))

    def stamp(self, used: Mapping[str, int]) -> None:
        """See Credentials."""
        with self._writing():
            self._base.executemany(_STAMP, [(at, digest, at) for digest, at in used.items()])

    def move(self, moved: Mapping[str, str], pepper: str) -> None:
        """See Credentials."""
        rows = [(new, pepper, old) for old, new in moved.items()]
        with self._writing():
            self._base.executemany(
                "update secret set digest = ?, pepper = ? where digest = ?", rows
            )

    def announce(self) -> None:
        """See Credentials."""
        with self._writing():
            count = int(self._base.execute("pragma user_version").fetchone()[0])
            self._base.execute(f"pragma user_version = {(count + 1) % 2**31}")

    def version(self) -> int:
        """See Credentials. Cost: a look at the head of the file."""
        return int(self._base.execute("pragma data_version").fetchone()[0])

    def close(self) -> None:
        """See Credentials."""
        self._base.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        # Begun as a writer: a reader that turns writer fails at once when another one writes.
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._base.execute("rollback")
            raise
        self._base.execute("commit")

    def _insert(self, key: ApiKey) -> None:
        self._base.execute(_ADD, _fields(key))
        self._base.executemany(_DIGESTS, _secrets(key))

    def _read(self, where: str, values: tuple[str, ...]) -> Iterator[ApiKey]:
        rows = self._base.execute(f"select {_COLUMNS} from api_key {where}", values).fetchall()  # noqa: S608, fixed names only
        for row in rows:
            secrets = self._base.execute(_DIGESTS_OF, (row[0],)).fetchall()
            yield _key(row, secrets)


_COLUMNS = (
    "id, owner, kind, env, scopes, networks, made_s, expires_s, waiver, revoked_s, operations"
)
_ADD = f"insert into api_key ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608, fixed names only
_CHANGE = (
    "update api_key set owner = ?, kind = ?, env = ?, scopes = ?, networks = ?, made_s = ?,"
    " expires_s = ?, waiver = ?, revoked_s = ?, operations = ? where id = ?"
)
_SECRET = ("digest", "made_s", "ends_s", "since_s", "idle_s", "used_s", "pepper")
_DIGESTS = f"insert into secret (id, {', '.join(_SECRET)}) values (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608, fixed names only
_DIGESTS_OF = (
    f"select {', '.join(_SECRET)} from secret where id = ? order by made_s, since_s is null, digest"  # noqa: S608, fixed names only
)
_REVOKE = (
    "insert into revocation (kind, issuer, name, before_s, until_s, made_s)"
    " values (?, ?, ?, ?, ?, ?)"
)
_LOG = (
    "select position, kind, issuer, name, before_s, until_s, made_s from revocation"
    " where position > ? order by position"
)
_STAMP = "update secret set used_s = ? where digest = ? and coalesce(used_s, 0) < ?"


def _fields(key: ApiKey) -> tuple[str | int | None, ...]:
    return (
        key.id, key.owner, key.kind, key.env, json.dumps(key.scopes), json.dumps(key.networks),
        key.made_s, key.expires_s, key.waiver, key.revoked_s, json.dumps(key.operations),
    )  # fmt: skip


def _secrets(key: ApiKey) -> list[tuple[object, ...]]:
    return [(key.id, *(getattr(one, name) for name in _SECRET)) for one in key.secrets]


def _key(row: tuple[Any, ...], secrets: list[tuple[Any, ...]]) -> ApiKey:
    key_id, owner, kind, env, scopes, networks, made_s, expires_s, waiver, revoked_s, bound = row
    return ApiKey(
        id=key_id,
        owner=owner,
        kind=kind,
        env=env,
        scopes=tuple(json.loads(scopes)),
        networks=tuple(json.loads(networks)),
        operations=tuple(json.loads(bound)),
        made_s=made_s,
        expires_s=expires_s,
        waiver=waiver,
        revoked_s=revoked_s,
        secrets=tuple(KeySecret(**dict(zip(_SECRET, one, strict=True))) for one in secrets),
    )


def _revocation(row: tuple[object, ...]) -> Revocation:
    names = ("position", "kind", "issuer", "name", "before_s", "until_s", "made_s")
    return Revocation(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]
