from __future__ import annotations

from tests.unit.console.demo.shop.till import PARTNER, Till


def test_a_webhook_never_leaves_this_machine() -> None:
    for url in ("http://192.0.2.1/", "https://127.0.0.1/", "file:///etc/hostname"):
        assert Till().ask("POST", "/webhooks", {"url": url}, who="ann").status == 422


def test_a_webhook_that_does_not_answer_is_told() -> None:
    given = Till().ask("POST", "/webhooks", {"url": f"{PARTNER}/nothing"}, who="ann")
    assert given.status == 502


def test_a_clean_feed_becomes_products() -> None:
    till = Till("API10")
    till.ask("POST", "/import", {"feed": "spring"}, who="olga")
    names = till.desk.tables.rows("SELECT name FROM products")
    assert {"name": "Kettle"} in names


def test_an_unknown_old_user_is_not_found() -> None:
    assert Till().ask("GET", "/v0/users/99").status == 404
