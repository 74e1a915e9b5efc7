"""Each planted weakness: the attack works, the fix closes it, honest traffic passes both ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from bartizan.console.demo.issuer import Issuer, claims, unsigned
from bartizan.console.demo.shop import app
from bartizan.console.demo.shop.weaknesses import IDS
from tests.conftest import ROOT
from tests.unit.console.demo.shop.till import INSIDER, ISSUER, NOW_S, PARTNER, Till


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def reads_a_strangers_order(till: Till) -> bool:
    return "Ann Archer" in str(till.ask("GET", "/orders/1001", who="mallory").data)


def reads_a_strangers_card(till: Till) -> bool:
    return till.ask("GET", "/cards/1", who="mallory").status == 200


def cancels_a_strangers_order(till: Till) -> bool:
    return till.ask("DELETE", "/orders/1001", who="mallory").status == 204


def logs_in_with(headers: dict[str, str]) -> Callable[[Till], bool]:
    return lambda till: till.ask("GET", "/users/me", headers=headers).status == 200


def sees_the_password_hash(till: Till) -> bool:
    return "password_hash" in str(till.ask("GET", "/users/me", who="ann").data)


def sees_the_card_number(till: Till) -> bool:
    return "4111111111111111" in str(till.ask("GET", "/cards", who="ann").data)


def is_staff(till: Till, name: str) -> bool:
    return bool(
        (till.desk.tables.row("SELECT * FROM users WHERE name = ?", name) or {})["is_admin"]
    )


def makes_itself_staff(till: Till) -> bool:
    till.ask("PATCH", "/users/me", {"is_admin": 1}, who="mallory")
    return is_staff(till, "mallory")


def registers_as_staff(till: Till) -> bool:
    data = {"name": "eve", "email": "eve@shop.example", "password": "x" * 9, "is_admin": 1}
    till.ask("POST", "/users", data)
    return is_staff(till, "eve")


def guesses_a_password(till: Till) -> bool:
    guesses = [*(f"guess {n}" for n in range(9)), "dragon"]
    answers = [till.ask("POST", "/login", {"name": "bob", "password": one}) for one in guesses]
    return answers[-1].status == 200


def floods(till: Till) -> bool:
    return all(till.ask("GET", "/orders", who="crawler").status == 200 for _ in range(70))


def reads_all_accounts(till: Till) -> bool:
    return till.ask("GET", "/admin/users", who="mallory").status == 200


def buys_up_the_edition(till: Till) -> bool:
    data = {"product_id": 3, "quantity": 50, "address": "1 Moat Road"}
    return till.ask("POST", "/orders", data, who="mallory").status == 201


def reads_the_insiders_page(till: Till) -> bool:
    data = {"url": f"{INSIDER}/credentials"}
    return "secret" in str(till.ask("POST", "/webhooks", data, who="mallory").data)


def opens_the_debug_page(till: Till) -> bool:
    return till.ask("GET", "/debug").status == 200


def sees_a_stack_trace(till: Till) -> bool:
    data = {"product_id": 1, "quantity": 1, "address": "1 Moat Road", "coupon": "NOPE"}
    return "orders.py" in str(till.ask("POST", "/orders", data, who="mallory").data)


def learns_the_framework(till: Till) -> bool:
    return "x-powered-by" in till.ask("GET", "/products").headers


def overrides_the_method(till: Till) -> bool:
    override = {"x-http-method-override": "DELETE"}
    return till.ask("GET", "/orders/1003", who="mallory", headers=override).status == 204


def uses_the_old_version(till: Till) -> bool:
    return till.ask("GET", "/v0/users/1").status == 200


def changes_prices_through_the_feed(till: Till) -> bool:
    till.ask("POST", "/import", {"feed": "poisoned-1"}, who="mallory")
    return till.desk.tables.row("SELECT price_cents FROM products WHERE id = 1") == {
        "price_cents": 1
    }


EXPIRED = ISSUER.token("ann", NOW_S - 7_200)
FORGED = Issuer(b"\x08" * 32).token("ann", NOW_S)
UNSIGNED = unsigned({"alg": "none"}, claims("ann", NOW_S)) + "."
FOREIGN = ISSUER.token("ann", NOW_S, aud="another")

ATTACKS = [
    ("API1", reads_a_strangers_order),
    ("API1", reads_a_strangers_card),
    ("API1", cancels_a_strangers_order),
    ("API2", logs_in_with(bearer(EXPIRED))),
    ("API2", logs_in_with(bearer(FORGED))),
    ("API2", logs_in_with(bearer(UNSIGNED))),
    ("API2", logs_in_with(bearer(FOREIGN))),
    ("API2", logs_in_with({"x-customer": "ann"})),
    ("API3", sees_the_password_hash),
    ("API3", sees_the_card_number),
    ("API3", makes_itself_staff),
    ("API3", registers_as_staff),
    ("API4", guesses_a_password),
    ("API4", floods),
    ("API5", reads_all_accounts),
    ("API6", buys_up_the_edition),
    ("API7", reads_the_insiders_page),
    ("API8", opens_the_debug_page),
    ("API8", sees_a_stack_trace),
    ("API8", learns_the_framework),
    ("API8", overrides_the_method),
    ("API9", uses_the_old_version),
    ("API10", changes_prices_through_the_feed),
]


@pytest.mark.parametrize(("weakness", "attack"), ATTACKS)
def test_the_planted_hole_is_open(weakness: str, attack: Callable[[Till], bool]) -> None:
    assert attack(Till(*(IDS - {weakness})))


@pytest.mark.parametrize(("weakness", "attack"), ATTACKS)
def test_its_fix_alone_closes_the_hole(weakness: str, attack: Callable[[Till], bool]) -> None:
    assert not attack(Till(weakness))


def test_every_weakness_has_an_attack() -> None:
    assert {weakness for weakness, _attack in ATTACKS} == IDS


HONEST: list[tuple[str, str, object, str, int]] = [
    ("POST", "/login", {"name": "ann", "password": "correct horse"}, "", 200),
    (
        "POST",
        "/users",
        {"name": "zoe", "email": "z@shop.example", "password": "long enough"},
        "",
        201,
    ),
    ("GET", "/users/me", None, "ann", 200),
    ("PATCH", "/users/me", {"email": "ann@new.example"}, "ann", 200),
    ("GET", "/cards", None, "ann", 200),
    ("GET", "/cards/1", None, "ann", 200),
    ("GET", "/products?limit=2", None, "", 200),
    ("GET", "/orders", None, "ann", 200),
    ("GET", "/orders/1001", None, "ann", 200),
    (
        "POST",
        "/orders",
        {"product_id": 3, "quantity": 2, "address": "4 Tower Street", "coupon": "WELCOME"},
        "ann",
        201,
    ),
    ("DELETE", "/orders/1001", None, "ann", 204),
    ("GET", "/admin/users", None, "olga", 200),
    ("POST", "/import", {"feed": "spring"}, "olga", 200),
    ("POST", "/webhooks", {"url": f"{PARTNER}/hooks/shop"}, "ann", 201),
]


@pytest.mark.parametrize("fixes", [(), tuple(IDS)], ids=["open", "mended"])
@pytest.mark.parametrize("ask", HONEST)
def test_honest_traffic_passes_with_and_without_the_fixes(
    fixes: tuple[str, ...], ask: tuple[str, str, object, str, int]
) -> None:
    method, target, data, who, status = ask
    assert Till(*fixes).ask(method, target, data, who=who).status == status


def test_unknown_page_and_method_are_refused() -> None:
    till = Till()
    assert till.ask("GET", "/nothing").status == 404
    assert till.ask("PUT", "/orders").status == 405


def test_the_document_declares_every_route_but_the_debug_page_and_the_old_version() -> None:
    text = (ROOT / "src/bartizan/console/demo/shop/openapi.yaml").read_text(encoding="utf-8")
    declared = {
        (method.upper(), path)
        for path, item in yaml.safe_load(text)["paths"].items()
        for method in item
        if method != "parameters"
    }
    served = {(method, path.pattern.replace(r"(?P<", "{").replace(r">\d+)", "}"))
              for method, path, _handler in app.ROUTES}  # fmt: skip
    assert served - declared == {("GET", "/debug"), ("GET", "/v0/users/{user_id}")}
    assert declared <= served
