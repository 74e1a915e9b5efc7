"""The bank as a function: `POST /rpc/NAME` with a JSON object, and a batch of such calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from bartizan.console.demo.shop.message import Refused, Request, Response
from labs.lab import Answering, Desk, Json, routed

_TELLERS = frozenset({"tess"})
_CODE_OF = {"ada": "4711", "ben": "0815", "tess": "1234"}
_TRIES_MAX = 3
_RATES = {"EUR": 100, "USD": 108, "GBP": 86}


def _accounts() -> dict[str, Json]:
    rows = (("A-1", "ada", 50_000), ("A-2", "ada", 1_000), ("B-1", "ben", 20_000))
    return {
        number: {"account": number, "owner": owner, "cents": cents, "frozen": False}
        for number, owner, cents in rows
    }


@dataclass
class Bank:
    """All data, and the procedures."""

    desk: Desk
    accounts: dict[str, Json] = field(default_factory=_accounts)
    transfers: dict[int, Json] = field(default_factory=dict)

    def _own(self, who: str, number: object, weakness: str) -> Json:
        """The account, if it may be used. Raises Refused."""
        found = self.accounts.get(str(number))
        is_foreign = found is not None and found["owner"] != who
        if found is None or (is_foreign and self.desk.is_fixed(weakness)):
            raise Refused(404, "no such account")
        return found

    def list_accounts(self, who: str, _data: Json) -> Json:
        own = [one for one in self.accounts.values() if one["owner"] == who]
        return {"accounts": [{"account": one["account"], "cents": one["cents"]} for one in own]}

    def balance(self, who: str, data: Json) -> Json:
        # BANK-1: the number in the body is believed.
        found = self._own(who, data.get("account"), "BANK-1")
        return {"account": found["account"], "cents": found["cents"]}

    def transfer(self, who: str, data: Json) -> Json:
        source, target = (
            self._own(who, data.get("from"), "BANK-1"),
            self.accounts.get(str(data.get("to"))),
        )
        cents = data.get("cents")
        if target is None or not isinstance(cents, int) or source["frozen"]:
            raise Refused(422, "this cannot be transferred")
        # BANK-3: a negative amount goes the other way.
        if self.desk.is_fixed("BANK-3") and cents <= 0:
            raise Refused(422, "an amount is positive")
        if cents > _cents(source):
            raise Refused(422, "not enough money")
        number = len(self.transfers) + 1
        made = {"from": source["account"], "to": target["account"], "cents": cents}
        self.transfers[number] = made | {"owner": who, "tries": 0}
        return {"transfer": number, "state": "waits for its code"}

    def confirm(self, who: str, data: Json) -> Json:
        number = data.get("transfer")
        found = self.transfers.get(number) if isinstance(number, int) else None
        if found is None or found["owner"] != who:
            raise Refused(404, "no such transfer")
        tries = _number(found["tries"])
        # BANK-4: the code has four digits and may be tried without end.
        if self.desk.is_fixed("BANK-4") and tries >= _TRIES_MAX:
            raise Refused(429, "too many tries")
        if data.get("code") != _CODE_OF[who]:
            found["tries"] = tries + 1
            raise Refused(403, "another code")
        return self._move(found)

    def _move(self, transfer: Json) -> Json:
        source, target = (self.accounts[str(transfer[end])] for end in ("from", "to"))
        source["cents"] = _cents(source) - _cents(transfer)
        target["cents"] = _cents(target) + _cents(transfer)
        transfer["owner"] = ""
        return {"state": "done"}

    def convert(self, _who: str, data: Json) -> Json:
        cents, currency = _cents(data), str(data.get("currency"))
        return {"cents": cents * _RATES.get(currency, 100) // 100, "currency": currency}

    def freeze(self, who: str, data: Json) -> Json:
        # BANK-2: freezing is for tellers, and nobody asks.
        if self.desk.is_fixed("BANK-2") and who not in _TELLERS:
            raise Refused(403, "for tellers")
        found = self.accounts.get(str(data.get("account")))
        if found is None:
            raise Refused(404, "no such account")
        found["frozen"] = True
        return {"account": found["account"], "frozen": True}

    @property
    def procedures(self) -> dict[str, Callable[[str, Json], Json]]:
        """By name."""
        return {
            "accounts.list": self.list_accounts,
            "accounts.balance": self.balance,
            "transfers.create": self.transfer,
            "transfers.confirm": self.confirm,
            "rates.convert": self.convert,
            "admin.freeze": self.freeze,
        }

    # the doors

    def call(self, request: Request, name: str) -> Response:
        who = self.desk.caller(request)
        procedure = self.procedures.get(name)
        if procedure is None:
            raise Refused(404, "no such procedure")
        return Response(200, procedure(who, request.data()))

    def batch(self, request: Request) -> Response:
        who = self.desk.caller(request)
        calls = request.data().get("calls")
        # BANK-5: a call in a batch may say for whom it is made.
        acting = not self.desk.is_fixed("BANK-5")
        return Response(
            200,
            {
                "results": [
                    self._one(str(call.get("as", who)) if acting else who, call)
                    for call in (calls if isinstance(calls, list) else [])
                    if isinstance(call, dict)
                ]
            },
        )

    def _one(self, who: str, call: Json) -> Json:
        procedure, data = self.procedures.get(str(call.get("call"))), call.get("data", {})
        if procedure is None or not isinstance(data, dict):
            return {"error": "no such procedure"}
        try:
            return procedure(who, data)
        except Refused as refused:
            return {"error": str(refused)}

    def dump(self, _request: Request) -> Response:
        # BANK-6: left over from a test, in no document, open to everybody.
        if self.desk.is_fixed("BANK-6"):
            raise Refused(404, "no such procedure")
        return Response(200, json.loads(json.dumps(self.accounts)))


def _cents(row: Json) -> int:
    return _number(row.get("cents"))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def start(desk: Desk) -> Answering:
    """A fresh bank."""
    own = Bank(desk)
    return routed(
        (
            ("POST", r"/rpc/debug\.dump", own.dump),
            ("POST", r"/rpc/batch", own.batch),
            ("POST", r"/rpc/(?P<name>[a-z.]+)", own.call),
        )
    )
