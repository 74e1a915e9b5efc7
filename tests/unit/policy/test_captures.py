import json

from bartizan.policy.captures import Answered, Capture, body_form, type_of, with_defaults


def test_a_capture_is_one_line_that_holds_only_what_is_there() -> None:
    line = Capture(method="GET", target="/a", fields=(("host", "x"),), time_ms=5).line()
    assert b"\n" not in line
    assert json.loads(line) == {
        "time_ms": 5,
        "request": {"method": "GET", "target": "/a", "fields": [["host", "x"]]},
    }


def test_principal_peer_and_response_are_facts_beside_the_request() -> None:
    one = Capture(
        method="POST",
        target="/",
        body=b"{}",
        principal={"kind": "token", "subject": "ann"},
        peer="203.0.113.7",
        response=Answered(status=201, fields=(("x", "y"),), body=b"\xff"),
    )
    data = json.loads(one.line())
    assert data["principal"]["subject"] == "ann"
    assert data["peer"] == "203.0.113.7"
    assert data["response"] == {"status": 201, "fields": [["x", "y"]], "body": {"base64": "/w=="}}


def test_a_body_is_text_where_it_can_be() -> None:
    assert body_form("é".encode()) == {"text": "é"}
    assert body_form(b"\xff") == {"base64": "/w=="}


def test_a_host_and_a_type_are_added_and_written_ones_stay() -> None:
    assert with_defaults((), "h", b"{}") == (("host", "h"), ("content-type", "application/json"))
    written = (("Host", "own"), ("Content-Type", "text/csv"))
    assert with_defaults(written, "h", b"a,b") == written
    assert type_of(b"a,b").startswith("text/plain")
