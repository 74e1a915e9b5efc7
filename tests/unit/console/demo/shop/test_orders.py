from __future__ import annotations

from tests.unit.console.demo.shop.till import Till

LANTERNS = {"product_id": 2, "quantity": 2, "address": "9 Gate Lane"}


def test_an_order_costs_price_times_quantity() -> None:
    given = Till().ask("POST", "/orders", LANTERNS, who="bob")
    assert isinstance(given.data, dict)
    assert given.data["total_cents"] == 9_000


def test_a_coupon_takes_ten_percent_off() -> None:
    given = Till().ask("POST", "/orders", LANTERNS | {"coupon": "WELCOME"}, who="bob")
    assert isinstance(given.data, dict)
    assert given.data["total_cents"] == 8_100


def test_more_than_the_stock_is_refused() -> None:
    assert Till().ask("POST", "/orders", LANTERNS | {"quantity": 501}, who="bob").status == 409


def test_an_unknown_product_is_refused() -> None:
    assert Till().ask("POST", "/orders", LANTERNS | {"product_id": 9}, who="bob").status == 404


def test_two_pieces_of_the_edition_are_fair_in_two_orders_too() -> None:
    till, prints = Till("API6"), LANTERNS | {"product_id": 3, "quantity": 1}
    statuses = [till.ask("POST", "/orders", prints, who="bob").status for _ in range(3)]
    assert statuses == [201, 201, 409]
