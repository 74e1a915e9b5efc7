"""The bounded table of notable Events in one SQLite file: the embedded default.

One writer (the control process); any number of readers. Nothing secret is ever in an Event,
still the file is for its owner alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from typing import TYPE_CHECKING

from bartizan.model.event import Notable, Setting, parse_event
from bartizan.store.ports import Bounds, Notables, Query, Totals, who

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FILE = "events.db"

_SCHEMA = """
create table if not exists notable (
    seq integer primary key, ref text not null, time_ms integer not null,
    route text not null, verdict text not null, code text not null, who text not null,
    event blob not null, settings text not null);
create unique index if not exists notable_once on notable (ref);
create index if not exists notable_time on notable (time_ms);
create index if not exists notable_code on notable (code, route, who);
create table if not exists operation (id text primary key) without rowid;
create table if not exists total (name text primary key, count integer not null) without rowid;
"""


def journal_mode(version: tuple[int, ...]) -> str:
    """`wal`, or `delete` on SQLite versions whose WAL reset can corrupt the file.

    SOURCE: sqlite.org/wal.html, "The WAL-Reset Bug": 3.7.0 to 3.51.2, fixed in 3.51.3 and in
    the branches 3.44.6 and 3.50.7. 3.52.0 was withdrawn.
    """
    fixed_branch = version[:2] in ((3, 44), (3, 50)) and version >= (
        (3, 44, 6) if version[1] == 44 else (3, 50, 7)  # noqa: PLR2004, the versions named above
    )
    fixed = version >= (3, 51, 3) and version[:3] != (3, 52, 0)
    return "wal" if fixed or fixed_branch else "delete"


class SqlNotables(Notables):
    """Notable Events in `path`, which is made when missing (mode 0600)."""

    def __init__(self, path: Path, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._base = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        self._base.execute(f"pragma journal_mode={journal_mode(sqlite3.sqlite_version_info)}")
        self._base.execute("pragma synchronous=normal")
        self._base.executescript(_SCHEMA)

    def keep(self, rows: Sequence[Notable], seen: Totals) -> None:
        """See Notables."""
        with self._writing():
            self._base.executemany(_INSERT, map(_row, rows))
            forgotten = self._forget() if rows else 0
            self._add(delivered=seen.delivered, lost=seen.lost, forgotten=forgotten, life=seen.life)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._base.execute("rollback")
            raise
        self._base.execute("commit")

    def _forget(self) -> int:
        bounds = (self._bounds.age_max_ms, self._bounds.rows_max)
        return self._base.execute(_FORGET, bounds).rowcount

    def _add(self, **counts: int) -> None:
        named = [(name, count) for name, count in counts.items() if count]
        self._base.executemany(_ADD, named)

    def find(self, ref: str) -> Notable | None:
        """See Notables. Cost: one index look-up."""
        sql = "select event, settings from notable where ref = ? order by seq desc limit 1"
        row = self._base.execute(sql, (ref,)).fetchone()
        return _notable(row) if row else None

    def search(self, query: Query) -> Iterator[Notable]:
        """See Notables."""
        where, values = _where(query)
        sql = f"select event, settings from notable where {where} order by seq desc"  # noqa: S608, fixed names only
        return map(_notable, self._base.execute(sql, values))

    def count(self, query: Query) -> int:
        """See Notables."""
        where, values = _where(query)
        sql = f"select count(*) from notable where {where}"  # noqa: S608, fixed names only
        count = self._base.execute(sql, values).fetchone()[0]
        return int(count)

    def totals(self) -> Totals:
        """See Notables."""
        return Totals(**dict(self._base.execute("select name, count from total")))

    def know(self, operations: Iterable[str]) -> None:
        """See Notables."""
        with self._writing():
            self._base.execute("delete from operation")
            rows = [(one,) for one in operations]
            self._base.executemany("insert or ignore into operation values (?)", rows)

    def operations(self) -> frozenset[str]:
        """See Notables."""
        return frozenset(one for (one,) in self._base.execute("select id from operation"))

    def close(self) -> None:
        """See Notables."""
        self._base.close()


_INSERT = (
    "insert into notable (ref, time_ms, route, verdict, code, who, event, settings)"
    " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (ref) do nothing"
)
_ADD = (
    "insert into total values (?, ?)"
    " on conflict (name) do update set count = count + excluded.count"
)
_FORGET = (
    "delete from notable where time_ms < (select max(time_ms) from notable) - ?"
    " or seq <= (select max(seq) from notable) - ?"
)


def _row(row: Notable) -> tuple[str, int, str, str, str, str, bytes, str]:
    event = row.event
    code = event.leading.code if event.leading else ""
    places = [s and [s.file, s.line, s.text] for s in row.settings]
    return (
        event.id, event.time_ms, event.route, event.verdict, code, who(row),
        row.line, json.dumps(places),
    )  # fmt: skip


def _notable(row: tuple[bytes, str]) -> Notable:
    line, places = row
    settings = tuple(Setting(*place) if place else None for place in json.loads(places))
    return Notable(parse_event(line), line, settings)


def _where(query: Query) -> tuple[str, list[str | int]]:
    terms: list[tuple[str, str | int]] = [("time_ms >= ?", query.since_ms)]
    terms += [("route = ?", query.operation)] if query.operation else []
    terms += [("code = ?", query.code)] if query.code else []
    terms += [("verdict = ?", query.verdict)] if query.verdict else []
    terms += [("who = ?", query.who)] if query.who else []
    return " and ".join(term for term, _ in terms), [value for _, value in terms]
