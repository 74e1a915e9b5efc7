import json

from bartizan.model.event import Notable, Setting, parse_event
from bartizan.policy.edit import Offer, apply_offer
from bartizan.policy.report import Line, summarise
from bartizan.policy.words import CodeFact

CODES = {"inspect.body-schema": CodeFact("inspect.body-schema", "inspect", "contract", 422, "t")}


def row(
    ref: str, *fields: str, peer: str = "a", standing: str = "shadow", **more: object
) -> Notable:
    reasons = [
        {"code": "inspect.body-schema", "in": "body", "pointer": field, "standing": standing}
        for field in fields
    ]
    data = {"id": ref, "operation": "POST /users", "peer": peer, "reasons": reasons} | more
    line = json.dumps(data).encode()
    return Notable(parse_event(line), line, tuple(Setting("f", 1) for _ in fields))


def lines(*rows: Notable) -> list[Line]:
    return summarise(rows, CODES, {})


def test_the_same_rule_and_field_is_one_line_whatever_the_list_position() -> None:
    (line,) = lines(row("a", "/items/0/x"), row("b", "/items/7/x", peer="b"))
    assert (line.place, line.count, line.ref) == ("body#/items/*/x", 2, "a")
    assert line.callers == {"a", "b"}
    assert isinstance(line.change, Offer)


def test_what_was_refused_and_what_would_be_are_counted_apart() -> None:
    (line,) = lines(row("a", "/x"), row("b", "/x", standing="enforced"))
    assert (line.in_shadow, line.refused) == (1, 1)


def test_what_the_api_took_and_what_it_refused_itself_are_counted_apart() -> None:
    rows = [row(str(status), "/x", upstream_status=status) for status in (200, 302, 404, 500)]
    enforced = row("e", "/x", standing="enforced", upstream_status=200)
    (line,) = lines(*rows, row("n", "/x"), enforced)
    assert (line.taken_by_api, line.refused_by_api, line.in_shadow) == (2, 1, 5)
    assert line.as_data()["refused_by_api"] == 1


def test_what_the_config_of_now_admits_is_marked() -> None:
    (line,) = lines(row("a", "/x"))
    assert isinstance(line.change, Offer)
    assert not line.is_settled
    config = apply_offer({}, line.change)
    for entry in config["exceptions"]:  # type: ignore[attr-defined]
        entry["reason"] = "an old app"
    first, second = summarise([row("a", "/x"), row("b", "/y")], CODES, config)
    assert (first.is_settled, second.is_settled) == (True, False)


def test_an_exception_does_not_count() -> None:
    assert lines(row("a", "/x", standing="excepted")) == []


def test_the_operation_with_most_refusals_comes_first() -> None:
    few = row("a", "/x", operation="GET /few")
    many = [row("b", "/x", "/y"), row("c", "/y")]
    assert [(own.operation, own.place) for own in lines(few, *many)] == [
        ("POST /users", "body#/y"),
        ("POST /users", "body#/x"),
        ("GET /few", "body#/x"),
    ]


def test_a_line_is_json() -> None:
    (line,) = lines(row("a", "/x"))
    data = line.as_data()
    assert json.loads(json.dumps(data)) == data
    assert data["setting"] == {"file": "f", "line": 1}
