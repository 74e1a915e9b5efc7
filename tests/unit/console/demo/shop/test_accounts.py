from __future__ import annotations

from tests.unit.console.demo.shop.till import ISSUER, Till


def test_log_in_gives_a_token_of_the_issuer() -> None:
    given = Till().ask("POST", "/login", {"name": "ann", "password": "correct horse"})
    assert isinstance(given.data, dict)
    assert ISSUER.verified(given.data["token"])["sub"] == "ann"


def test_wrong_password_and_unknown_name_are_refused_alike() -> None:
    till = Till()
    wrong = till.ask("POST", "/login", {"name": "ann", "password": "nope"})
    unknown = till.ask("POST", "/login", {"name": "nobody", "password": "nope"})
    assert (wrong.status, wrong.data) == (unknown.status, unknown.data)
    assert wrong.status == 401


def test_a_taken_name_is_refused() -> None:
    data = {"name": "ann", "email": "x@shop.example", "password": "long enough"}
    assert Till().ask("POST", "/users", data).status == 409


def test_mended_account_shows_the_documented_fields_only() -> None:
    assert Till("API3").ask("GET", "/users/me", who="ann").data == {
        "id": 1,
        "name": "ann",
        "email": "ann@shop.example",
    }
