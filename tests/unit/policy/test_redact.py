import hashlib
import json
from typing import Any

import pytest

from bartizan.policy.captures import bytes_of
from bartizan.policy.redact import Redaction, Redactor, secret_names
from bartizan.policy.redact_shapes import MASK
from tests.unit.policy.test_compile import compiled

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
        ("application/json", {"text": f'{{"password": "{SECRET}"'}),
        ("application/json", {"text": f'{{"a": {{"password": "{SECRET}"}}, "a": 1}}'}),
        ("multipart/form-data; boundary=x", {"text": SECRET}),
        ("application/x-ndjson", {"text": f'{{"a": 1}}\n{SECRET}\n'}),
        ("application/octet-stream", {"base64": "AAAA"}),
        ("text/plain", {"base64": "/w=="}),
        ("", {"text": SECRET}),
    ],
)
def test_of_a_body_that_cannot_be_looked_into_length_and_hash_stay(
    kind: str, body: dict[str, str]
) -> None:
    one = redacted(fields=[["content-type", kind]], body=body)
    raw = bytes_of(body)
    told = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    assert one["request"]["body"] == {"unread": told}
    assert one["note"]["unreadable_body_left_out"] is True


def test_the_length_is_that_of_the_masked_body() -> None:
    text = json.dumps({"password": SECRET})
    fields = [TYPE, ["Content-Length", str(len(text))]]
    one = redacted(fields=fields, body={"text": text})["request"]
    assert one["fields"] == [TYPE, ["Content-Length", str(len(one["body"]["text"]))]]
    kept = redacted(fields=[["content-length", "9"]], body={"text": "no type!!"})["request"]
    assert kept["fields"] == [["content-length", "9"]]


def test_a_coded_body_is_not_looked_into() -> None:
    fields = [TYPE, ["content-encoding", "gzip"]]
    assert "unread" in redacted(fields=fields, body={"text": "{}"})["request"]["body"]


def test_what_the_gateway_did_not_keep_stays_as_it_told() -> None:
    told = {"unread": {"bytes": 9, "sha256": "00"}}
    one = redacted(fields=[TYPE], body=told)
    assert one["request"]["body"] == told
    assert one["note"]["unreadable_body_left_out"] is True


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"user: ann\npassword: {SECRET}\n", "user: ann\npassword: [masked]\n"),
        (f"<a><password>{SECRET}</password></a>", "<a><password>[masked]</password></a>"),
        (f"Authorization header: Bearer {SECRET}", "Authorization header: Bearer [masked]"),
        (f"a=1&token={SECRET}&b=2", "a=1&token=[masked]&b=2"),
        (f'password = "{SECRET} and more"', 'password = "[masked]"'),
        ("my card is 4111 1111 1111 1111.", "my card is [masked]."),
        ("hello world", "hello world"),
    ],
)
def test_text_is_masked_behind_a_telling_name(sent: str, kept: str) -> None:
    one = redacted(fields=[["content-type", "text/plain"]], body={"text": sent})
    assert one["request"]["body"] == {"text": kept}


@pytest.mark.parametrize(
    "kind",
    [
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/x-jsonlines",
        "application/x-ndjson",
    ],
)
def test_lines_of_json_are_masked_each(kind: str) -> None:
    text = f'{{"a": 1}}\n{{"token": "{SECRET}"}}\n'
    one = redacted(fields=[["content-type", kind]], body={"text": text})
    assert one["request"]["body"]["text"] == '{"a": 1}\n{"token": "[masked]"}\n'


@pytest.mark.parametrize("kind", ["application/json-seq", "application/geo+json-seq"])
def test_records_of_json_are_masked_each_and_stay_a_sequence(kind: str) -> None:
    text = f'\x1e{{"a":\n1}}\n\x1e{{"token": "{SECRET}"}}\n\x1e2\n'
    one = redacted(fields=[["content-type", kind]], body={"text": text})
    masked = '\x1e{"a":\n1}\n\x1e{"token": "[masked]"}\n\x1e2\n'
    assert one["request"]["body"]["text"] == masked


def test_parts_without_names_are_masked_too() -> None:
    head = "--x\r\ncontent-type: application/json\r\n\r\n"
    text = f'{head}{{"password": "{SECRET}"}}\r\n--x--\r\n'
    kind = ["content-type", "multipart/mixed; boundary=x"]
    one = redacted(fields=[kind], body={"text": text})
    assert one["request"]["body"]["text"] == text.replace(SECRET, MASK)


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
    assert secret_names({"schemes": schemes}) == {"x-key"}


CLASSED = """
paths:
  /users/{mail}:
    post:
      MORE
      parameters:
        - { name: mail, in: path, required: true, schema: {}, x-bartizan-data-class: personal }
      requestBody:
        content:
          application/json:
            schema: { properties: { phone: { x-bartizan-data-class: personal }, n: {} } }
"""


def captured(paths: str, operation: str) -> dict[str, Any]:
    redaction = Redaction()
    redaction.learn(compiled("", paths).form)
    body = json.dumps({"phone": SECRET, "n": 1})
    request = {"method": "POST", "target": f"/users/{SECRET}?n=1", "fields": [TYPE]}
    data = {"request": {**request, "body": {"text": body}}, "note": {"operation": operation}}
    found: dict[str, Any] = json.loads(redaction.line(json.dumps(data).encode()))
    return found


def test_what_the_description_calls_personal_is_masked_and_the_rest_stays() -> None:
    one = captured(CLASSED.replace("MORE", ""), "POST /users/{mail}")["request"]
    assert one["target"] == "/users/[masked]?n=1"
    assert json.loads(one["body"]["text"]) == {"phone": MASK, "n": 1}
    twin = captured("paths: {}", "")["request"]
    assert SECRET in twin["target"]
    assert SECRET in twin["body"]["text"]


def test_of_a_personal_operation_no_value_stays() -> None:
    paths = CLASSED.replace("MORE", "x-bartizan-data-class: personal")
    one = captured(paths, "POST /users/{mail}")
    assert one["request"]["target"] == "/users/[masked]?n=%5Bmasked%5D"
    assert "body" not in one["request"]
    assert one["note"]["unreadable_body_left_out"] is True


def test_a_reload_forgets_no_secret() -> None:
    redaction = Redaction()
    redaction.learn(compiled("", CLASSED.replace("MORE", "")).form)
    redaction.learn(compiled("", "paths: {}").form)
    data = {"request": {"target": f"/a?phone={SECRET}", "fields": []}}
    assert SECRET.encode() not in redaction.line(json.dumps(data).encode())


def test_what_an_address_grants_is_masked_in_targets_and_in_fields_that_hold_one() -> None:
    capture = {
        "request": {
            "method": "GET",
            "target": "/cb?code=4uTh0r&sig=a%2Fb&country_code=DE",
            "fields": [["Referer", "https://a.test/?code=4uTh0r&page=2"], ["X-Code", "DE"]],
        }
    }
    made = json.loads(Redactor().line(json.dumps(capture).encode()))["request"]
    assert made["target"] == "/cb?code=%5Bmasked%5D&sig=%5Bmasked%5D&country_code=DE"
    assert made["fields"] == [
        ["Referer", "https://a.test/?code=[masked]&page=2"],
        ["X-Code", "DE"],
    ]
