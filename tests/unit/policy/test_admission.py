import dataclasses
import json

import pytest

from bartizan.model.event import Event, Notable, Reason
from bartizan.policy.admission import (
    Effect,
    NotAdmitted,
    Wanted,
    effect,
    is_exception,
    signed,
    wanted,
)
from bartizan.policy.compile import compile
from bartizan.policy.edit import Offer
from bartizan.policy.explain import Facts
from bartizan.policy.words import code_facts
from tests.unit.policy.configured import configured
from tests.unit.policy.sources.describe import described

FACTS = Facts(version="1", codes=code_facts())
PATHS = """
paths:
  /users:
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: {}
"""


def schema(pointer: str, standing: str = "enforced") -> Reason:
    return Reason(
        "inspect.body-schema", "inspect", "body", pointer=pointer, document=1, standing=standing
    )


def event(*reasons: Reason, ref: str = "a" * 16, **members: object) -> Event:
    own = Event(
        id=ref, time_ms=1, policy="p", verdict="deny", enforcement="enforced", peer="192.0.2.1",
        method="POST", path="/users", operation="POST /users", reasons=reasons,
    )  # fmt: skip
    return dataclasses.replace(own, **members)  # type: ignore[arg-type]


def form(**config: object) -> bytes:
    lines = [f"{name}: {json.dumps(one)}" for name, one in ({"mode": "enforce"} | config).items()]
    return compile(configured("\n".join(lines)), described(PATHS)).form


def excepting(*fields: str) -> bytes:
    one = {"rule": "inspect.body-schema", "operation": "POST /users"}
    return form(exceptions=[one | {"field": field} for field in fields])


def judged(after: bytes, own: Event, *others: Event) -> Effect:
    rows = [Notable(one, b"") for one in (own, *others)]
    return effect((form(), after), own, wanted(own, FACTS), rows)


def test_each_reason_that_counts_has_its_change() -> None:
    own = event(schema("/email"), schema("/old", "excepted"), schema("/name"))
    fields = [one.change.value["field"] for one in wanted(own, FACTS)]  # type: ignore[index]
    assert fields == ["body#/email", "body#/name"]


def test_one_rule_may_be_admitted_alone() -> None:
    own = event(Reason("parse.semicolon", "parse", "query"), schema("/email"))
    (only,) = wanted(own, FACTS, "parse.semicolon")
    assert only.change.path[-1] == "relax"
    with pytest.raises(NotAdmitted, match=r"`parse\.semicolon`, `inspect\.body-schema`"):
        wanted(own, FACTS, "match.unknown-path")


def test_a_reason_that_no_change_answers_admits_nothing() -> None:
    with pytest.raises(NotAdmitted, match="two readings"):
        wanted(event(schema("/email"), Reason("wire.bad-chunk", "wire")), FACTS)
    with pytest.raises(NotAdmitted, match="nothing stands against"):
        wanted(event(), FACTS)


def test_a_control_may_be_put_into_shadow_instead() -> None:
    (only,) = wanted(event(schema("/email")), FACTS, as_shadow=True)
    assert only.change.path == ("operations", "POST /users", "controls", "inspect")


def test_an_exception_says_why_in_the_owners_words_or_not_at_all() -> None:
    (one,) = wanted(event(schema("/email")), FACTS)
    assert is_exception(one.change)
    (bare,) = signed([one.change])
    assert "reason" not in bare.value  # type: ignore[operator]
    (said,) = signed([one.change, one.change], reason="old app")
    assert said.value["reason"] == "old app"  # type: ignore[index]
    relaxed = Offer("t", ("relax",), "append", "parse.semicolon")
    assert signed([relaxed], reason="old app") == [relaxed]


def test_an_exception_for_its_field_lets_the_request_pass_and_one_for_another_does_not() -> None:
    own = event(schema("/email"))
    assert judged(excepting("body#/email"), own).passes is True
    missed = judged(excepting("body#/name"), own)
    assert (missed.passes, [one.pointer for one in missed.left]) == (False, ["/email"])


def test_a_shadowed_refusal_must_be_excepted_an_enforced_one_may_stand_in_shadow() -> None:
    shadowed = form(controls={"inspect": "shadow"})
    assert judged(shadowed, event(schema("/email"))).passes is True
    assert judged(shadowed, event(schema("/email", "shadow"))).passes is False


def test_what_the_record_does_not_hold_is_not_judged() -> None:
    own = event(Reason("parse.body-too-large", "parse", "body"))
    assert judged(form(), own).passes is None


def test_others_that_would_pass_too_are_counted() -> None:
    own = event(schema("/email"))
    same = event(schema("/email"), ref="b" * 16, peer="192.0.2.2")
    more = event(schema("/email"), schema("/name"), ref="c" * 16)
    passed = event(schema("/email", "excepted"), ref="d" * 16)
    found = judged(excepting("body#/email"), own, same, more, passed)
    assert (found.others, found.of, found.callers) == (1, 2, 1)


def test_a_reason_of_another_version_still_stands() -> None:
    own = event(Reason("inspect.of-tomorrow", "inspect", "body"))
    change = Offer("t", ("exceptions",), "append", {})
    found = effect((form(), form()), own, [Wanted(own.reasons[0], change)], [])
    assert found.passes is False
