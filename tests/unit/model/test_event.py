import json

import pytest

from bartizan.model.event import EventFault, Notable, Principal, Reason, Setting, parse_event

LINE = json.dumps(
    {
        "id": "0123456789abcdef",
        "time_ms": 1_700_000_000_000,
        "policy": "00112233445566aa",
        "peer": "127.0.0.1",
        "method": "POST",
        "path": "/users",
        "operation": "POST /users",
        "principal": {"kind": "token", "issuer": "https://idp", "subject": "alice"},
        "verdict": "deny",
        "enforcement": "shadow",
        "status": 201,
        "decided_status": 422,
        "reasons": [
            {"code": "inspect.body-schema", "stage": "inspect", "in": "body", "pointer": "/email",
             "value": "x", "span": [3, 4], "expected": "an email", "document": 1,
             "source": "/a", "standing": "excepted"},
            {"code": "limit.rate", "stage": "limit", "in": "connection", "standing": "shadow"},
        ],
    }
).encode()  # fmt: skip


def test_every_member_of_a_line_is_read() -> None:
    event = parse_event(LINE)
    first = event.reasons[0]
    assert (event.id, event.time_ms, event.status, event.decided_status) == (
        "0123456789abcdef", 1_700_000_000_000, 201, 422,
    )  # fmt: skip
    assert event.principal is not None
    assert event.principal.label == "alice (token of https://idp)"
    assert (first.location, first.pointer, first.span, first.document) == (
        "body",
        "/email",
        (3, 4),
        1,
    )
    assert first.field == "body#/email"


def test_the_leading_reason_is_one_that_counts() -> None:
    leading = parse_event(LINE).leading
    assert leading is not None
    assert leading.code == "limit.rate"


def test_an_enforced_reason_leads_before_a_shadowed_one() -> None:
    data = json.loads(LINE)
    data["reasons"] = [{"code": "a.b", "standing": "shadow"}, {"code": "c.d"}]
    leading = parse_event(json.dumps(data).encode()).leading
    assert leading is not None
    assert leading.code == "c.d"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"id": 1}', b"\xff"])
def test_what_is_no_event_is_refused(line: bytes) -> None:
    with pytest.raises(EventFault):
        parse_event(line)


def test_members_of_another_type_are_left_out() -> None:
    event = parse_event(
        b'{"id": "a", "status": "x", "principal": 3, "reasons": [3, {"span": [1]}]}'
    )
    assert (event.status, event.principal, event.reasons[0].span) == (0, None, None)


def test_the_route_is_the_operation_or_what_was_asked_for() -> None:
    assert parse_event(LINE).route == "POST /users"
    assert parse_event(b'{"id": "a", "method": "GET", "path": "/x"}').route == "GET /x"
    assert parse_event(b'{"id": "a"}').route == "(no request line)"


def test_each_reason_has_its_own_setting() -> None:
    event = parse_event(LINE)
    row = Notable(event, LINE, (Setting("a.yaml", 3), None))
    assert row.setting(event.reasons[0]) == Setting("a.yaml", 3)
    assert row.setting(event.reasons[1]) is None
    assert row.setting(Reason("other.code")) is None


def test_a_principal_is_proven_by_a_credential_that_has_a_name() -> None:
    assert Principal("token", "main", "alice", ("read",)).is_proven
    for other in (Principal("anonymous"), Principal("unverified", "", "x"), Principal("token")):
        assert not other.is_proven


def test_owner_and_classes_are_read_where_they_stand() -> None:
    data = json.loads(LINE) | {"owner": "team-a", "data": ["personal", 3]}
    event = parse_event(json.dumps(data).encode())
    assert (event.owner, event.data) == ("team-a", ("personal",))
    assert (parse_event(LINE).owner, parse_event(LINE).data) == ("", ())
