"""The tables of the shop. The one file of the demo that speaks SQL, and sometimes carelessly."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.console.demo.shop.message import Row

_SCHEMA = """
CREATE TABLE users (
  id INTEGER PRIMARY KEY, name TEXT UNIQUE, email TEXT UNIQUE, password_hash TEXT,
  is_admin INTEGER DEFAULT 0);
CREATE TABLE products (
  id INTEGER PRIMARY KEY, name TEXT, price_cents INTEGER, is_limited INTEGER, stock INTEGER);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, user_id INTEGER, product_id INTEGER, quantity INTEGER,
  total_cents INTEGER, address TEXT, status TEXT DEFAULT 'open');
CREATE TABLE cards (
  id INTEGER PRIMARY KEY, user_id INTEGER, brand TEXT, last4 TEXT, number TEXT);
CREATE TABLE webhooks (id INTEGER PRIMARY KEY, user_id INTEGER, url TEXT);
CREATE TABLE coupons (code TEXT PRIMARY KEY, percent INTEGER);
"""

# Nobody in here is real; the card numbers are the networks' test numbers.
_USERS = (
    (1, "ann", "ann@shop.example", "correct horse", 0),
    (2, "bob", "bob@shop.example", "dragon", 0),
    (3, "mallory", "mallory@shop.example", "let me in", 0),
    (4, "olga", "olga@shop.example", "battery staple", 1),
    (5, "crawler", "crawler@shop.example", "beep beep", 0),
)
_PRODUCTS = (
    (1, "Teapot", 2_900, 0, 500),
    (2, "Lantern", 4_500, 0, 500),
    (3, "Signed print", 19_900, 1, 1_000),
)
_ORDERS = (
    (1001, 1, 1, 1, 2_900, "Ann Archer, 4 Tower Street", "paid"),
    (1002, 2, 2, 2, 9_000, "Bob Baker, 9 Gate Lane", "open"),
    (1003, 3, 1, 1, 2_900, "M. Mallory, 1 Moat Road", "open"),
)
_CARDS = (
    (1, 1, "Visa", "1111", "4111111111111111"),
    (2, 2, "Mastercard", "4444", "5555555555554444"),
    (3, 3, "Visa", "1881", "4012888888881881"),
)

# What may be written into a table column by column.
_COLUMNS = {"users": frozenset(("name", "email", "password_hash", "is_admin"))}
_ROUNDS = 1_000


def password_hash(name: str, password: str) -> str:
    """The stored form of a password. Few rounds: the demo must start at once."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), name.encode(), _ROUNDS).hex()


class Database:
    """All tables, filled with their first rows. Not for several threads at once."""

    def __init__(self, path: str) -> None:
        """path: a new file, or `:memory:`."""
        self._link = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._link.row_factory = sqlite3.Row
        self._link.execute("PRAGMA synchronous = OFF")
        self._link.executescript(_SCHEMA)
        users = [(i, n, e, password_hash(n, p), a) for i, n, e, p, a in _USERS]
        for table, rows in (
            ("users", users),
            ("products", _PRODUCTS),
            ("orders", _ORDERS),
            ("cards", _CARDS),
            ("coupons", [("WELCOME", 10)]),
        ):
            marks = ", ".join("?" * len(rows[0]))
            self._link.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608, names of our own

    def close(self) -> None:
        """Ends the connection."""
        self._link.close()

    def rows(self, sql: str, *values: object) -> list[Row]:
        """What a query finds."""
        return [dict(row) for row in self._link.execute(sql, values)]

    def row(self, sql: str, *values: object) -> Row | None:
        """The first that a query finds."""
        return next(iter(self.rows(sql, *values)), None)

    def run(self, sql: str, *values: object) -> int:
        """Runs a statement; gives the id of a row that it made."""
        return self._link.execute(sql, values).lastrowid or 0

    def run_as_it_comes(self, script: str) -> None:
        """Runs whatever SQL the text holds. The planted hole of API10."""
        self._link.executescript(script)

    def insert(self, table: str, values: Mapping[str, object]) -> int:
        """A new row of the columns that the table lets be written; gives its id."""
        kept = {name: value for name, value in values.items() if name in _COLUMNS[table]}
        names, marks = ", ".join(kept), ", ".join("?" * len(kept))
        return self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *kept.values())  # noqa: S608, names from _COLUMNS

    def update(self, table: str, row_id: int, values: Mapping[str, object]) -> None:
        """Changes the columns that the table lets be written."""
        for name, value in values.items():
            if name in _COLUMNS[table]:
                self.run(f"UPDATE {table} SET {name} = ? WHERE id = ?", value, row_id)  # noqa: S608, names from _COLUMNS
