from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, Literal
from uuid import UUID

import pytest

from bartizan.gateway.guard import now
from bartizan.gateway.ownership import (
    GIVEN,
    Declared,
    Lookup,
    Lookups,
    Ownership,
    Withheld,
    require_lookups,
)
from bartizan.gateway.owns import owns
from bartizan.gateway.session_user import session_user
from bartizan.model.errors import Fault
from bartizan.model.event import Event, Principal, parse_event
from tests.unit.gateway.mounted import guard

Kind = Literal["require", "arequire"]
BOTH: tuple[Kind, Kind] = ("require", "arequire")
OWNERS = {"7": "alice", "8": "bob"}
DECLARED = Declared("order", "id", "shop/app.py:12", or_scope="orders:any")


def plain(object_id: str) -> str | None:
    return OWNERS.get(object_id)


async def asynchronous(object_id: str) -> str | None:
    await asyncio.sleep(0)
    return OWNERS.get(object_id)


class Case:
    """One Exchange that has reached the app, of this Principal."""

    def __init__(
        self, subject: str = "alice", scopes: tuple[str, ...] = (), *, mode: str = "enforce",
        lookup: Lookup | None = plain, is_qualified: bool = False, session: object = None,
    ) -> None:  # fmt: skip
        own = guard(mode)
        self.exchange = own.open("192.0.2.7")
        if subject:
            self.exchange.presume("token", "main", subject, list(scopes))
        step = self.exchange.head(b"GET", b"/pets/7", [(b"host", b"api.local")], 0, now())
        assert step.kind == "forward"
        by_kind = {"order": lookup} if lookup else {}
        self.lookups = Lookups(by_kind, is_qualified, session_user=session_user(session))
        self.reference = self.exchange.reference

    def asks(self, object_id: object, declared: Declared = DECLARED, by: Kind = "require") -> None:
        if by == "require":
            Ownership(self.exchange, self.lookups).require(declared, object_id)
        else:
            asyncio.run(self._aask(declared, object_id))

    async def _aask(self, declared: Declared, object_id: object) -> None:
        ownership = Ownership(self.exchange, self.lookups, asyncio.get_running_loop())
        await ownership.arequire(declared, object_id)

    def refuses(self, object_id: object, status: int = 404, by: Kind = "require") -> Event:
        with pytest.raises(Withheld) as withheld:
            self.asks(object_id, by=by)
        assert (withheld.value.status, withheld.value.reference) == (status, self.reference)
        return self.event()

    def event(self) -> Event:
        line, _ = self.exchange.close("complete", now())
        return parse_event(line)


@pytest.mark.parametrize("lookup", [plain, asynchronous])
@pytest.mark.parametrize("by", BOTH)
def test_the_owner_passes_and_another_is_refused(by: Kind, lookup: Lookup) -> None:
    case = Case(lookup=lookup)
    case.asks("7", by=by)
    assert case.event().verdict == "allow"
    event = Case(lookup=lookup).refuses("8", by=by)
    assert (event.verdict, event.enforcement, event.decided_status) == ("deny", "enforced", 404)
    (reason,) = event.reasons
    assert (reason.code, reason.field, reason.value) == (
        "authorize.foreign-object", "path:id", "8",
    )  # fmt: skip
    assert reason.source == "shop/app.py:12"
    assert "bob" not in json.dumps(str(event)), "whose it is stays untold"


def test_who_has_the_scope_need_not_own_and_is_not_looked_up() -> None:
    asked: list[str] = []
    case = Case("staff", ("orders:any", "other"), lookup=asked.append)
    case.asks("8")
    assert (case.event().verdict, asked) == ("allow", [])
    Case("staff", ("orders:anything",)).refuses("8")


@pytest.mark.parametrize("by", BOTH)
def test_absent_and_foreign_are_refused_alike_and_recorded_apart(by: Kind) -> None:
    absent = Case().refuses("9", by=by)
    assert absent.reasons[0].code == "authorize.no-object"
    assert Withheld(404, "x").problem == Withheld(404, "x").problem


def test_nobody_is_refused() -> None:
    event = Case("").refuses("7")
    assert (event.reasons[0].code, event.reasons[0].expected) == (
        "authorize.data-missing", "a proven principal",
    )  # fmt: skip


def test_a_type_without_look_up_and_an_id_that_is_not_there_are_refused() -> None:
    assert "`order`" in Case(lookup=None).refuses("7").reasons[0].expected
    event = Case().refuses(None)
    assert event.reasons[0].expected == "a path parameter `id`"


@pytest.mark.parametrize("by", BOTH)
@pytest.mark.parametrize("answer", [ValueError("canary"), 1.5, True, b"alice", {"a": 1}])
def test_a_look_up_that_fails_is_a_refusal_without_its_words(answer: object, by: Kind) -> None:
    def fails(_id: object) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    event = Case(lookup=fails).refuses("7", 503, by)
    (reason,) = event.reasons
    assert (reason.code, event.decided_status) == ("authorize.lookup-failed", 503)
    assert "canary" not in reason.expected


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_shadow_records_the_deny_and_never_refuses(mode: str) -> None:
    own = Declared("order", "id", "app.py:1", is_shadow=mode == "enforce")
    for subject, object_id in (("alice", "8"), ("alice", "9"), ("", "7"), ("alice", None)):
        case = Case(subject, mode=mode)
        case.asks(object_id, own)
        event = case.event()
        assert (event.verdict, event.enforcement) == ("deny", "shadow")
    case = Case(mode=mode, lookup=lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    case.asks("7", own)
    assert case.event().enforcement == "shadow"


def test_an_exchange_that_is_over_owns_nothing() -> None:
    case = Case()
    ownership = Ownership(case.exchange, case.lookups)
    case.event()
    with pytest.raises(Withheld):
        ownership.require(DECLARED, "8")


@pytest.mark.parametrize(
    ("owners", "is_own"),
    [
        ("alice", True), ("Alice", False), ("", False), (["bob", "alice"], True), ({"bob"}, False),
        (frozenset({"alice"}), True), ([], False),
    ],
)  # fmt: skip
def test_owners_are_subjects_compared_as_they_are(owners: Any, is_own: bool) -> None:
    assert Lookups({}).owns(Principal("token", "main", "alice"), owners) is is_own


def test_numbers_and_uuids_are_subjects_in_their_one_form() -> None:
    number = UUID("12345678-1234-5678-1234-567812345678")
    assert Lookups({}).owns(Principal("token", "main", "7"), 7)
    assert not Lookups({}).owns(Principal("token", "main", "07"), 7)
    assert Lookups({}).owns(Principal("token", "main", str(number)), number)


def test_with_several_issuers_a_bare_subject_is_nobody() -> None:
    lookups = Lookups({}, is_qualified=True)
    alice, key = Principal("token", "main", "alice"), Principal("api-key", "", "alice")
    assert lookups.owns(alice, ("main", "alice"))
    assert not lookups.owns(alice, [("other", "alice"), ("api-key", "alice")])
    assert lookups.owns(key, [("api-key", "alice")])
    for owner in ("alice", 7, ("main", "alice", "x"), ("main", 7)):
        with pytest.raises(TypeError):
            lookups.owns(alice, owner)
    event = Case(lookup=lambda _: "alice", is_qualified=True).refuses("7", 503)
    assert event.reasons[0].code == "authorize.lookup-failed"


def test_an_asynchronous_look_up_is_waited_for_on_the_loop_of_the_server() -> None:
    seen: list[threading.Thread] = []

    async def lookup(_id: object) -> str:
        seen.append(threading.current_thread())
        return "alice"

    async def serve() -> None:
        case = Case(lookup=lookup)
        ownership = Ownership(case.exchange, case.lookups, asyncio.get_running_loop())
        await asyncio.to_thread(ownership.require, DECLARED, "7")
        with pytest.raises(Withheld) as withheld:
            ownership.require(DECLARED, "7")
        assert withheld.value.status == 503, "the loop cannot wait for itself"

    asyncio.run(serve())
    assert seen == [threading.current_thread()]


# ---- whom the framework has authenticated -----------------------------------------------------


def raising(_request: object) -> str:
    raise KeyError("no session")


async def awaited(_request: object) -> str:
    await asyncio.sleep(0)
    return "alice"


@pytest.mark.parametrize("session", [lambda _request: "alice", awaited])
@pytest.mark.parametrize("by", BOTH)
def test_a_session_user_gets_an_own_object_and_is_marked_as_such(by: Kind, session: Any) -> None:
    case = Case("", session=session)
    case.asks("7", by=by)
    principal = case.event().principal
    assert principal is not None
    assert (principal.kind, principal.issuer, principal.subject) == ("framework", "app", "alice")
    assert Case("", session=session).refuses("8", by=by).reasons[0].code == (
        "authorize.foreign-object"
    )


@pytest.mark.parametrize("by", BOTH)
@pytest.mark.parametrize(
    ("session", "code", "status"),
    [
        (lambda _request: None, "authorize.data-missing", 404),
        (raising, "authorize.lookup-failed", 503),
        (lambda _request: True, "authorize.lookup-failed", 503),
        (lambda _request: "", "authorize.data-missing", 404),
        (None, "authorize.data-missing", 404),
    ],
)
def test_whom_no_session_tells_gets_nothing(by: Kind, session: Any, code: str, status: int) -> None:
    event = Case("", session=session).refuses("7", status, by=by)
    assert event.reasons[0].code == code
    assert event.principal is None or event.principal.kind == "anonymous"


def test_a_verified_credential_stands_above_the_session() -> None:
    case = Case("bob", session=lambda _request: "alice")
    event = case.refuses("7")
    assert event.principal is not None
    assert (event.principal.kind, event.principal.subject) == ("token", "bob")


def test_where_several_could_be_meant_the_session_is_one_of_them() -> None:
    async def pair(_id: object) -> tuple[str, str]:
        return ("app", "alice")

    Case("", lookup=pair, is_qualified=True, session=lambda _request: "alice").asks("7")
    Case("", is_qualified=True, session=lambda _request: "alice").refuses("7", 503)


# ---- a kind that nobody looks up --------------------------------------------------------------


def test_what_nobody_could_ever_get_is_a_fault_with_what_was_meant() -> None:
    require_lookups()
    owns("crate", "id")
    with pytest.raises(Fault, match=r'owns\("crate"\)` at .*test_ownership.py'):
        require_lookups()
    GIVEN.add("crates")
    try:
        with pytest.raises(Fault, match="`crates` of it, or this one, is misspelt"):
            require_lookups()
        GIVEN.add("crate")
        require_lookups()
    finally:
        GIVEN.difference_update({"crate", "crates"})


def test_what_a_scope_opens_or_stands_in_shadow_needs_no_look_up() -> None:
    owns("bundle", "id", or_scope="bundles:any")
    owns("bundle", "id", mode="shadow")
    require_lookups()
