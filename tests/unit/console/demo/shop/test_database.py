from __future__ import annotations

from bartizan.console.demo.shop.database import Database, password_hash


def test_tables_start_with_their_first_rows() -> None:
    tables = Database(":memory:")
    counts = {
        name: tables.row(f"SELECT count(*) AS n FROM {name}")  # noqa: S608, names of the test
        for name in ("users", "products", "orders", "cards", "coupons")
    }
    tables.close()
    assert counts == {
        "users": {"n": 5},
        "products": {"n": 3},
        "orders": {"n": 3},
        "cards": {"n": 3},
        "coupons": {"n": 1},
    }


def test_only_known_columns_are_written() -> None:
    tables = Database(":memory:")
    row_id = tables.insert("users", {"name": "zoe", "no_such_column": 1})
    tables.update("users", row_id, {"email": "z@shop.example", "id": 99})
    assert tables.row("SELECT id, name, email FROM users WHERE name = 'zoe'") == {
        "id": row_id,
        "name": "zoe",
        "email": "z@shop.example",
    }


def test_password_hash_depends_on_name_and_password() -> None:
    hashes = {password_hash(name, word) for name in ("ann", "bob") for word in ("a", "b")}
    assert len(hashes) == 4
