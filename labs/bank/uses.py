"""Honest use of the bank, and an attack for each planted hole."""

from __future__ import annotations

from labs.bank.app import start
from labs.lab import Call, Lab, Weakness


def _rpc(name: str, who: str, status: int = 200, **data: object) -> Call:
    return Call("POST", f"/rpc/{name}", who, data, status=status)


def _pay(who: str, source: str, target: str, cents: int, status: int = 200) -> Call:
    data = {"from": source, "to": target, "cents": cents}
    keep = {"n": "transfer"}
    return Call("POST", "/rpc/transfers.create", who, data, keep=keep, status=status)


GOOD = (
    _rpc("accounts.list", "ada"),
    _rpc("accounts.list", "ben"),
    _rpc("accounts.balance", "ada", account="A-1"),
    _rpc("accounts.balance", "ben", account="B-1"),
    _rpc("accounts.balance", "ada", status=404, account="Z-9"),
    _rpc("rates.convert", "ada", cents=1000, currency="USD"),
    _pay("ada", "A-1", "B-1", 500),
    _rpc("transfers.confirm", "ada", status=403, transfer="{n}", code="0000"),
    _rpc("transfers.confirm", "ada", transfer="{n}", code="4711"),
    _pay("ada", "A-1", "B-1", 9_999_999, status=422),
    Call(
        "POST", "/rpc/batch", "ada",
        {"calls": [
            {"call": "accounts.list", "data": {}},
            {"call": "accounts.balance", "data": {"account": "A-2"}},
        ]},
    ),
    _rpc("admin.freeze", "tess", account="A-2"),
)  # fmt: skip


WEAKNESSES = (
    Weakness(
        "BANK-1", "API1:2023",
        "a customer reads the balance of any account and pays from it",
        "the account must belong to the caller",
        (_rpc("accounts.balance", "ben", account="A-1"),),
        lambda got: got[0].status == 200,
    ),
    Weakness(
        "BANK-2", "API5:2023",
        "a customer freezes an account",
        "only tellers freeze",
        (_rpc("admin.freeze", "ben", account="A-1"),),
        lambda got: got[0].status == 200,
    ),
    Weakness(
        "BANK-3", "API6:2023",
        "a transfer of a negative amount takes money from the other",
        "amounts are positive",
        (
            _pay("ben", "B-1", "A-1", -700),
            _rpc("transfers.confirm", "ben", transfer="{n}", code="0815"),
            _rpc("accounts.balance", "ben", account="B-1"),
        ),
        lambda got: isinstance(got[2].data, dict) and got[2].data["cents"] == 20_700,
    ),
    Weakness(
        "BANK-4", "API4:2023",
        "the code of a transfer is guessed",
        "three tries for each transfer",
        (
            _pay("ben", "B-1", "A-1", 1),
            *(
                _rpc("transfers.confirm", "ben", transfer="{n}", code=f"{code:04}")
                for code in range(800, 816)
            ),
        ),
        lambda got: got[-1].status == 200,
    ),
    Weakness(
        "BANK-5", "API2:2023",
        "a call in a batch names another caller and is believed",
        "every call of a batch is made for the caller of the batch",
        (
            Call("POST", "/rpc/batch", "ben", {"calls": [{"call": "accounts.list", "as": "ada"}]}),
        ),
        lambda got: "A-1" in str(got[0].data),
    ),
    Weakness(
        "BANK-6", "API9:2023",
        "a forgotten procedure, in no document, gives all accounts without a log-in",
        "it is gone",
        (Call("POST", "/rpc/debug.dump", "", {}),),
        lambda got: got[0].status == 200,
    ),
)  # fmt: skip

LAB = Lab("bank", "A bank that is called by name", start, WEAKNESSES, GOOD)
