"""The steps of the tour as data: what is sent, and what both sides must do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

# What the calls below are made of.
_PRINTS = {"product_id": 3, "quantity": 50, "address": "1 Moat Road"}
_NOVICE = {"product_id": 1, "quantity": 1, "address": "1 Moat Road", "coupon": "NOPE"}
_TEAPOT = {"product_id": 1, "quantity": 1, "address": "4 Tower Street", "coupon": "WELCOME"}
_GUESSES = ("123456", "password", "qwerty", "letmein", "football", "monkey", "sunshine", "dragon")

SMUGGLED = (
    "GET /products HTTP/1.1\r\nHost: shop\r\n"
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    "GET /debug HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
)

ATTACKER = "127.0.0.66"


class Kind(StrEnum):
    """What a step shows."""

    DEFUSED = "defused"
    HONEST = "honest"
    OPEN = "open"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. In target, data and raw, `{n}` is 1 straight at the shop and 2 at Bartizan.

    who: whose token, as `credentials` names them; none if empty. raw: sent as it is, instead.
    source: loopback address that it comes from. times: how often it is sent, until a 429.
    """

    method: str = "GET"
    target: str = "/"
    who: str = ""
    data: object = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: str = ""
    source: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the last answer must be. holds, lacks: text in its head or body, `{n}` as in Call.

    code: that of the leading reason in Bartizan's record.
    """

    status: int
    holds: str = ""
    lacks: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. shown: the request in words. straight, guarded: what happens, in words."""

    weakness: str = ""
    kind: Kind
    title: str
    shown: str
    calls: tuple[Call, ...]
    straight: Expect
    guarded: Expect
    straight_words: str
    guarded_words: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps that belong together. note: what to know beforehand."""

    title: str
    steps: tuple[Step, ...]
    note: str = ""


def _token(title: str, who: str, code: str, words: str) -> Step:
    """A bad token, or none: `X-Customer` is what the shop falls back to."""
    headers = {} if who else {"X-Customer": "ann"}
    return Step(
        weakness="API2",
        kind=Kind.REFUSED,
        title=title,
        shown=f"GET /users/me   {words}",
        calls=(Call(target="/users/me", who=who, headers=headers),),
        straight=Expect(status=200, holds="ann@shop.example"),
        guarded=Expect(status=401, code=code, lacks="ann@"),
        straight_words="Ann's account",
    )


_WHO = (
    _token(
        "No token, only a header with a name",
        "",
        "identify.credential-missing",
        "X-Customer: ann",
    ),
    _token("An unsigned token", "ann unsigned", "identify.token-malformed", '"alg": "none"'),
    _token("A forged token", "ann forged", "identify.signature", "signed with another key"),
    _token("An expired token", "ann expired", "identify.expired", "it ended two hours ago"),
)

_WHAT = (
    Step(
        weakness="API3",
        kind=Kind.DEFUSED,
        title="The answer holds a password hash",
        shown="GET /users/me   as Ann",
        calls=(Call(target="/users/me", who="ann"),),
        straight=Expect(status=200, holds="password_hash"),
        guarded=Expect(
            status=200, holds="ann@", lacks="password_hash", code="shape.undeclared-field"
        ),
        straight_words="with password_hash and is_admin",
        guarded_words="only the fields that the document promises",
    ),
    Step(
        weakness="API3",
        kind=Kind.DEFUSED,
        title="The answer holds whole card numbers",
        shown="GET /cards   as Ann",
        calls=(Call(target="/cards", who="ann"),),
        straight=Expect(status=200, holds="4111111111111111"),
        guarded=Expect(
            status=200, holds='"1111"', lacks="4111111111111111", code="shape.undeclared-field"
        ),
        straight_words="with the number 4111 1111 1111 1111",
        guarded_words="the last four digits only",
    ),
    Step(
        weakness="API3",
        kind=Kind.REFUSED,
        title="A customer makes himself staff",
        shown='PATCH /users/me {"is_admin": 1}   as Mallory',
        calls=(Call(method="PATCH", target="/users/me", who="mallory", data={"is_admin": 1}),),
        straight=Expect(status=200, holds='"is_admin": 1'),
        guarded=Expect(status=422, code="inspect.body-schema"),
        straight_words="Mallory is staff now",
    ),
    Step(
        weakness="API3",
        kind=Kind.REFUSED,
        title="A stranger registers as staff",
        shown='POST /users {"name": "eve", ..., "is_admin": 1}',
        calls=(
            Call(
                method="POST",
                target="/users",
                data={
                    "name": "eve-{n}",
                    "email": "eve-{n}@shop.example",
                    "password": "long enough",
                    "is_admin": 1,
                },
            ),
        ),
        straight=Expect(status=201, holds='"is_admin": 1'),
        guarded=Expect(status=422, code="inspect.body-schema"),
        straight_words="Eve is staff from the first day",
    ),
)

_OFTEN = (
    Step(
        weakness="API4",
        kind=Kind.REFUSED,
        title="Guessing a password",
        shown=f"POST /login   {len(_GUESSES)} guesses for Bob, from one address",
        calls=tuple(
            Call(
                method="POST",
                target="/login",
                source=ATTACKER,
                data={"name": "bob", "password": guess},
            )
            for guess in _GUESSES
        ),
        straight=Expect(status=200, holds="token"),
        guarded=Expect(status=429, holds="retry-after", code="limit.rate"),
        straight_words=f"guess {len(_GUESSES)} was right, Bob's token is out",
    ),
    Step(
        weakness="API4",
        kind=Kind.REFUSED,
        title="A flood of requests",
        shown="GET /orders   40 times at once, as one customer",
        calls=(Call(target="/orders", who="crawler", times=40),),
        straight=Expect(status=200),
        guarded=Expect(status=429, holds="retry-after", code="limit.rate"),
        straight_words="all 40 were served",
    ),
)

_OPEN_DOORS = (
    Step(
        weakness="API8",
        kind=Kind.REFUSED,
        title="A forgotten debug page",
        shown="GET /debug",
        calls=(Call(target="/debug"),),
        straight=Expect(status=200, holds="signing_key"),
        guarded=Expect(status=404, code="match.unknown-path"),
        straight_words="the settings, a signing key among them",
    ),
    Step(
        weakness="API9",
        kind=Kind.REFUSED,
        title="An old version, still running",
        shown="GET /v0/users/1",
        calls=(Call(target="/v0/users/1"),),
        straight=Expect(status=200, holds="ann@shop.example"),
        guarded=Expect(status=404, code="match.unknown-path"),
        straight_words="Ann's account, without any log-in",
    ),
    Step(
        weakness="API8",
        kind=Kind.REFUSED,
        title="A header that turns GET into DELETE",
        shown="GET /orders/1003   X-HTTP-Method-Override: DELETE",
        calls=(
            Call(
                target="/orders/1003", who="mallory", headers={"X-HTTP-Method-Override": "DELETE"}
            ),
        ),
        straight=Expect(status=204),
        guarded=Expect(status=400, code="parse.method-override"),
        straight_words="a GET has cancelled the order",
    ),
    Step(
        weakness="API8",
        kind=Kind.REFUSED,
        title="Two lengths: a request inside a request",
        shown="GET /products   Content-Length: 5 and Transfer-Encoding: chunked",
        calls=(Call(raw=SMUGGLED),),
        straight=Expect(status=200, holds="signing_key"),
        guarded=Expect(status=400, lacks="signing_key", code="wire.length-and-chunked"),
        straight_words="two answers: the second is GET /debug",
    ),
    Step(
        weakness="API8",
        kind=Kind.DEFUSED,
        title="An error page with a stack trace",
        shown='POST /orders {..., "coupon": "NOPE"}   as Mallory',
        calls=(Call(method="POST", target="/orders", who="mallory", data=_NOVICE),),
        straight=Expect(status=500, holds="orders.py"),
        guarded=Expect(status=500, lacks="orders.py", code="shape.error-scrubbed"),
        straight_words="paths and lines of the code",
        guarded_words="an error without insides",
    ),
    Step(
        weakness="API8",
        kind=Kind.DEFUSED,
        title="Headers that name the software",
        shown="GET /products",
        calls=(Call(target="/products"),),
        straight=Expect(status=200, holds="x-powered-by: shop-framework 2.1"),
        guarded=Expect(status=200, holds="x-content-type-options: nosniff", lacks="x-powered-by"),
        straight_words="x-powered-by: shop-framework 2.1",
        guarded_words="they are gone, and nosniff is set",
    ),
)


def _honest(title: str, shown: str, call: Call, *, status: int, holds: str, words: str) -> Step:
    return Step(
        kind=Kind.HONEST,
        title=title,
        shown=shown,
        calls=(call,),
        straight=Expect(status=status, holds=holds),
        guarded=Expect(status=status, holds=holds),
        straight_words=words,
        guarded_words="the same answer",
    )


_HONEST = (
    _honest(
        "Ann logs in",
        "POST /login   from an address that does not guess",
        Call(method="POST", target="/login", data={"name": "ann", "password": "correct horse"}),
        status=200,
        holds="token",
        words="a token",
    ),
    _honest(
        "Anybody looks at the products",
        "GET /products?limit=2",
        Call(target="/products?limit=2"),
        status=200,
        holds="Teapot",
        words="teapot and lantern",
    ),
    _honest(
        "Ann buys a teapot",
        "POST /orders   with the coupon WELCOME",
        Call(method="POST", target="/orders", who="ann", data=_TEAPOT),
        status=201,
        holds='"total_cents": 2610',
        words="ordered, 10 % off",
    ),
    _honest(
        "Ann looks at her order",
        "GET /orders/1001   as Ann",
        Call(target="/orders/1001", who="ann"),
        status=200,
        holds="Ann Archer",
        words="her order",
    ),
    _honest(
        "Ann changes her address for mail",
        'PATCH /users/me {"email": ...}   as Ann',
        Call(method="PATCH", target="/users/me", who="ann", data={"email": "ann-{n}@shop.example"}),
        status=200,
        holds="ann-{n}@shop.example",
        words="changed",
    ),
    _honest(
        "Olga of the staff lists the accounts",
        "GET /admin/users   as Olga",
        Call(target="/admin/users", who="olga"),
        status=200,
        holds="bob@shop.example",
        words="all accounts",
    ),
)


def _open(
    weakness: str, title: str, shown: str, *calls: Call, status: int, holds: str, words: str
) -> Step:
    """An attack that passes both ways, told as it is."""
    return Step(
        weakness=weakness,
        kind=Kind.OPEN,
        title=title,
        shown=shown,
        calls=calls,
        straight=Expect(status=status, holds=holds),
        guarded=Expect(status=status, holds=holds),
        straight_words=words,
        guarded_words="not yet stopped",
    )


_NOT_YET = (
    _open(
        "API1",
        "Mallory reads Ann's order",
        "GET /orders/1001   as Mallory",
        Call(target="/orders/1001", who="mallory"),
        status=200,
        holds="Ann Archer",
        words="with Ann's street and name",
    ),
    _open(
        "API5",
        "Bob, a customer, uses a route of the staff",
        "GET /admin/users   as Bob",
        Call(target="/admin/users", who="bob"),
        status=200,
        holds="mallory@shop.example",
        words="all accounts",
    ),
    _open(
        "API6",
        "Mallory buys up a limited edition",
        "POST /orders   50 of 1,000 signed prints",
        Call(method="POST", target="/orders", who="mallory", data=_PRINTS),
        status=201,
        holds='"quantity": 50',
        words="50 prints for one customer",
    ),
    _open(
        "API7",
        "A webhook into the inside of the house",
        "POST /webhooks   the address of a service for insiders",
        Call(
            method="POST",
            target="/webhooks",
            who="mallory",
            data={"url": "{insider}/credentials"},
        ),
        status=201,
        holds="not-a-real-secret-42",
        words="the secret of that service",
    ),
    _open(
        "API10",
        "SQL in a partner's feed",
        'POST /import {"feed": "poisoned-..."}   as Mallory',
        Call(method="POST", target="/import", who="mallory", data={"feed": "poisoned-{n}"}),
        Call(target="/products"),
        status=200,
        holds='"{item}", "price_cents": 1,',
        words="now for sale at one cent",
    ),
)

CHAPTERS = (
    Chapter("Who is asking?", _WHO),
    Chapter("What comes out, what goes in?", _WHAT),
    Chapter("How often?", _OFTEN),
    Chapter("Which doors are open?", _OPEN_DOORS),
    Chapter("Honest customers", _HONEST),
    Chapter(
        "Not yet stopped",
        _NOT_YET,
        note="These requests fit the document. To refuse them one must know who owns what, who "
        "may do what, or what a text means; Bartizan does not know that yet, and says so.",
    ),
)
