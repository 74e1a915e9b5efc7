import json
from typing import Any

import pytest

from bartizan.policy.redact import MASK, Redactor, secret_names

SECRET = "canary-4711"
TYPE = ["content-type", "application/json"]


def redacted(names: frozenset[str] = frozenset(), **request: Any) -> dict[str, Any]:
    data = {"request": {"method": "POST", "target": "/a", "fields": [], **request}}
    line = Redactor(names).line(json.dumps(data).encode())
    assert SECRET.encode() not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_credentials_go_whole_and_other_fields_stay() -> None:
    fields = [
        ["Authorization", f"Bearer {SECRET}"],
        ["Cookie", f"s={SECRET}"],
        ["X-Api-Key", SECRET],
        ["x-own", SECRET],
        ["x-trace", "1"],
    ]
    one = redacted(frozenset({"x-own"}), fields=fields)
    assert one["request"]["fields"] == [["X-Api-Key", MASK], ["x-trace", "1"]]
    assert one["note"]["redacted"] is True


def test_secret_parameters_are_masked_and_others_stay_as_sent() -> None:
    one = redacted(frozenset({"key"}), target=f"/a?x=%20y&key={SECRET}&access_token={SECRET}&f")
    assert one["request"]["target"] == "/a?x=%20y&key=%5Bmasked%5D&access_token=%5Bmasked%5D&f"


def test_members_with_a_telling_name_are_masked_at_any_depth() -> None:
    body = {"user": {"password": SECRET, "name": "ann"}, "list": [{"cvv": 123, "n": 1}]}
    one = redacted(fields=[TYPE], body={"text": json.dumps(body)})
    assert json.loads(one["request"]["body"]["text"]) == {
        "user": {"password": MASK, "name": "ann"},
        "list": [{"cvv": MASK, "n": 1}],
    }


def test_a_body_without_secrets_stays_byte_for_byte() -> None:
    text = '{ "n" : 1.0 }'
    assert redacted(fields=[TYPE], body={"text": text})["request"]["body"]["text"] == text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", {"text": SECRET}),
        ("application/json", {"text": f'{{"password": "{SECRET}"'}),
        ("application/json", {"text": f'{{"a": {{"password": "{SECRET}"}}, "a": 1}}'}),
        ("multipart/form-data; boundary=x", {"text": SECRET}),
        ("application/octet-stream", {"base64": "AAAA"}),
    ],
)
def test_a_body_whose_members_cannot_be_seen_is_left_out(kind: str, body: dict[str, str]) -> None:
    one = redacted(fields=[["content-type", kind]], body=body)
    assert "body" not in one["request"]
    assert one["note"]["unreadable_body_left_out"] is True


def test_forms_are_masked_by_name() -> None:
    kind = ["content-type", "application/x-www-form-urlencoded"]
    one = redacted(fields=[kind], body={"text": f"name=ann&password={SECRET}"})
    assert one["request"]["body"]["text"] == "name=ann&password=%5Bmasked%5D"


def test_responses_are_redacted_too() -> None:
    data = {
        "request": {"method": "GET", "target": "/", "fields": []},
        "response": {
            "status": 200,
            "fields": [TYPE, ["Set-Cookie", SECRET]],
            "body": {"text": json.dumps({"access_token": SECRET, "id": 1})},
        },
    }
    line = Redactor().line(json.dumps(data).encode())
    assert SECRET.encode() not in line
    assert json.loads(line)["response"]["fields"] == [TYPE]


def test_the_names_of_credentials_come_from_the_policy() -> None:
    schemes = [
        {"credential": {"in": "header", "name": "X-Key"}},
        {"credential": {"in": "authorization", "scheme": "bearer"}},
    ]
    assert secret_names(json.dumps({"schemes": schemes}).encode()) == {"x-key"}
