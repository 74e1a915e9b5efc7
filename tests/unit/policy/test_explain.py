import json

import pytest

from bartizan.model.event import Notable, Setting, parse_event
from bartizan.policy.edit import Offer
from bartizan.policy.explain import FIELDS, Explanation, Facts, explain
from bartizan.policy.words import CodeFact

CODES = {
    name: CodeFact(name, name.partition(".")[0], kind, status, "title")
    for name, kind, status in [
        ("inspect.body-schema", "contract", 422),
        ("authorize.foreign-object", "credential", 403),
        ("identify.expired", "credential", 401),
        ("identify.credential-missing", "credential", 401),
        ("wire.bad-length", "framing", 400),
        ("upstream.connect", "internal", 502),
        ("shape.undeclared-field", "response", 502),
    ]
}
BODY = {
    "code": "inspect.body-schema",
    "stage": "inspect",
    "in": "body",
    "pointer": "/email",
    "value": "not-an-email",
    "span": [10, 24],
    "expected": "an email address",
    "document": 1,
    "source": "/paths/~1users/post",
}


def told(*reasons: dict[str, object], **members: object) -> Explanation:
    data: dict[str, object] = {
        "id": "0123456789abcdef",
        "time_ms": 5,
        "policy": "aa" * 8,
        "peer": "127.0.0.1",
        "method": "POST",
        "path": "/users",
        "operation": "POST /users",
        "verdict": "deny",
        "enforcement": "enforced",
        "status": 422,
        "reasons": list(reasons),
    }
    line = json.dumps(data | members).encode()
    settings = [
        Setting("openapi.json", 12, '"post": {') if "source" in r else None for r in reasons
    ]
    row = Notable(parse_event(line), line, tuple(settings))
    return explain(row, Facts(version="0.1.0", codes=CODES, similar=3))


def value(item: Explanation, name: str) -> dict[str, object]:
    found = next(own for own in item.fields if own.name == name)
    assert found.value is not None, found.reason
    return found.value


def missing(item: Explanation, name: str) -> str:
    found = next(own for own in item.fields if own.name == name)
    assert found.value is None
    return found.reason


def test_a_contract_breach_has_all_eight_fields() -> None:
    item = told(BODY)
    assert (item.present, item.not_applicable) == (8, 0)
    assert tuple(own.name for own in item.fields) == FIELDS
    assert value(item, "decision")["verdict"] == "deny"
    assert value(item, "rule") == {
        "stage": "inspect",
        "rule": "inspect.body-schema",
        "version": "0.1.0",
        "policy": "aa" * 8,
    }
    assert value(item, "setting") == {"file": "openapi.json", "line": 12, "text": '"post": {'}
    assert value(item, "place")["span"] == [10, 24]
    assert value(item, "why")["confidence"] == "certain: the API document says so"
    assert value(item, "caller")["similar_in_24_h"] == 3
    assert value(item, "choices")["document"] == "correct the API document at openapi.json:12"


def test_what_was_fine_are_the_stages_before_that_found_nothing() -> None:
    proven = {"kind": "token", "issuer": "i", "subject": "ann"}
    fine = value(told(BODY, principal=proven), "why")["what_was_fine"]
    assert fine == [
        "the framing",
        "the form of path, headers and body",
        "the operation is declared",
        "the credential",
        "no limit was reached",
        "no scope was missing",
    ]


@pytest.mark.parametrize(
    ("principal", "said"),
    [(None, []), ({"kind": "anonymous"}, []), ({"kind": "unverified"}, ["a credential was there"])],
)
def test_nothing_that_nobody_verified_is_called_fine(
    principal: dict[str, str] | None, said: list[str]
) -> None:
    fine = value(told(BODY, principal=principal), "why")["what_was_fine"]
    assert isinstance(fine, list)
    of_caller = [one for one in fine if "credential" in one or "scope" in one]
    assert [one.partition(",")[0] for one in of_caller] == said


@pytest.mark.parametrize(
    ("place", "name", "expected", "send"),
    [
        ("header", "authorization", "`HTTPBearer`", "Authorization: Bearer <token>"),
        ("header", "authorization", "`HTTPBasic`", "Authorization: Basic <user:password>"),
        ("header", "x-api-key", "`key`", "x-api-key: <key>"),
        ("cookie", "sid", "`session`", "Cookie: sid=<key>"),
        ("query", "token", "`key`", "?token=<key>"),
    ],
)
def test_a_missing_credential_is_shown_as_it_is_sent(
    place: str, name: str, expected: str, send: str
) -> None:
    missing_one: dict[str, object] = {
        "code": "identify.credential-missing",
        "in": place,
        "name": name,
    }
    assert value(told(missing_one | {"expected": expected}), "place")["send"] == send


def test_a_scheme_whose_name_tells_no_kind_is_left_to_the_document() -> None:
    missing_one: dict[str, object] = {
        "code": "identify.credential-missing", "in": "header", "name": "authorization",
        "expected": "`auth`",
    }  # fmt: skip
    assert "as its scheme" in str(value(told(missing_one), "place")["send"])


def test_a_framing_fault_says_why_it_has_no_setting_and_no_choice() -> None:
    item = told(
        {"code": "wire.bad-length", "stage": "wire", "in": "header", "name": "content-length"}
    )
    assert "no setting" in missing(item, "setting")
    assert "two readings" in missing(item, "choices")
    assert item.present + item.not_applicable == 8


def test_an_expired_token_offers_shadow_and_no_exception() -> None:
    item = told({"code": "identify.expired", "stage": "identify", "in": "header", "document": 0})
    choices = value(item, "choices")
    assert "valid credential" in str(choices["change"])
    assert "shadow" in choices


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ({"code": "identify.expired", "in": "header", "name": "authorization"}, "credentials"),
        ({"code": "shape.undeclared-field", "in": "response-body", "pointer": "/id"}, "responses"),
        ({"code": "identify.credential-missing", "in": "header", "name": "x-api-key"}, "missing"),
        ({"code": "inspect.body-schema", "in": "body", "pointer": "/email"}, "missing"),
    ],
)
def test_a_value_that_is_not_shown_says_why(reason: dict[str, object], words: str) -> None:
    place = value(told(reason), "place")
    assert place["value"] is None
    assert words in str(place["value_reason"])


def test_an_upstream_that_is_down_is_no_choice_of_a_rule() -> None:
    item = told({"code": "upstream.connect", "stage": "forward", "in": "connection"})
    assert "whole" in missing(item, "place")
    assert missing(item, "without")
    assert item.present + item.not_applicable == 8


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"enforcement": "shadow", "upstream_status": 201}, "the API answered 201"),
        ({}, "gone to the API as `POST /users`"),
    ],
)
def test_what_would_have_happened_is_told(members: dict[str, object], words: str) -> None:
    assert words in str(value(told(BODY, **members), "without")["what"])


def test_other_reasons_would_still_have_refused_it() -> None:
    item = told(BODY, {**BODY, "pointer": "/name"})
    assert "1 more" in str(value(item, "without")["what"])
    assert value(item, "rule")["also"] == ["inspect.body-schema"]
    assert len(item.offers) == 2


def test_each_counting_reason_has_its_own_offer_and_excepted_ones_have_none() -> None:
    item = told({**BODY, "standing": "excepted"}, {**BODY, "pointer": "/name"})
    (change,) = item.offers
    assert isinstance(change, Offer)
    assert "body#/name" in change.yaml


def test_a_built_in_default_and_a_lost_document_are_told_apart() -> None:
    default = {key: value for key, value in BODY.items() if key not in ("document", "source")}
    assert "default" in missing(told(default), "setting")
    lost = {key: value for key, value in BODY.items() if key != "source"}
    assert "not at hand" in missing(told(lost), "setting")


def test_an_allowed_request_has_nothing_to_explain() -> None:
    item = told(verdict="allow", status=200)
    assert (item.present, item.not_applicable) == (2, 6)


def test_the_json_form_counts_what_does_not_apply() -> None:
    data = told({"code": "wire.bad-length", "stage": "wire"}).as_data()
    assert data["not_applicable"] == 3
    assert json.loads(json.dumps(data)) == data


def test_a_rule_in_the_code_of_the_app_is_changed_there() -> None:
    foreign = {
        "code": "authorize.foreign-object", "stage": "authorize", "in": "path", "name": "id",
        "value": "8", "expected": "the owner of the order", "document": 65_535,
        "source": "openapi.json:12",
    }  # fmt: skip
    item = told(foreign, status=404)
    choices = value(item, "choices")
    assert choices["code"] == "correct the declaration at openapi.json:12"
    assert "document" not in choices
    assert "shadow" in choices
    assert value(item, "without")["what"] == "the app would have gone on with `POST /users`"
    assert value(item, "place")["field"] == "path:id"


def test_the_document_is_corrected_before_the_schema_of_a_body_is_given_up() -> None:
    item = told({**BODY, "pointer": "", "expected": 'the member "y"'})
    assert list(value(item, "choices"))[:2] == ["document", "change"]
    assert list(value(told(BODY), "choices"))[:2] == ["change", "document"]


def test_what_the_api_refused_too_is_left_refused_first() -> None:
    missing_one: dict[str, object] = {
        "code": "identify.credential-missing",
        "stage": "identify",
        "in": "header",
    }
    choices = value(told(missing_one, enforcement="shadow", upstream_status=401), "choices")
    assert next(iter(choices)) == "true_attack"
    assert choices["true_attack"] == "leave it: the API itself answered 401 to it"
    served = value(told(missing_one, enforcement="shadow", upstream_status=200), "choices")
    assert list(served)[-1] == "true_attack"


def test_what_is_kept_names_the_command_that_makes_each_change() -> None:
    line = json.dumps({"id": "r", "operation": "POST /users", "reasons": [BODY]}).encode()
    kept = Facts(version="0.1.0", codes=CODES, is_kept=True)
    choices = value(explain(Notable(parse_event(line), line, (None,)), kept), "choices")
    commands = [one["command"] for one in choices.values() if isinstance(one, dict)]
    assert commands == ["bartizan admit r", "bartizan admit r --shadow"]
    assert "command" not in str(value(told(BODY), "choices"))


def test_the_request_line_is_told_with_its_query_and_the_operation_beside_it() -> None:
    decision = value(told(BODY, query="x=1&pin=[masked]"), "decision")
    assert decision["request"] == "POST /users?x=1&pin=[masked]"
    assert decision["operation"] == "POST /users"
    assert "operation" not in value(told(BODY, operation=""), "decision")


def test_every_other_violation_is_told_with_its_field_and_value() -> None:
    others = value(told(BODY, BODY | {"pointer": "/age", "value": "70"}), "place")["also"]
    assert others == [
        {
            "rule": "inspect.body-schema",
            "field": "body#/age",
            "value": "70",
            "expected": "an email address",
        }
    ]
    whole: dict[str, object] = {"code": "upstream.connect", "stage": "forward", "in": "connection"}
    place = value(told(whole, BODY), "place")
    assert place["also"][0]["field"] == "body#/email"  # type: ignore[index]
    assert "also" not in value(told(BODY, BODY | {"standing": "excepted"}), "place")


def test_what_could_not_be_read_says_why_it_is_not_kept() -> None:
    broken = {"code": "parse.bad-json", "stage": "parse", "in": "body", "span": [3, 3]}
    codes = CODES | {"parse.bad-json": CodeFact("parse.bad-json", "parse", "content", 400, "title")}
    line = json.dumps({"id": "r", "reasons": [broken]}).encode()
    item = explain(Notable(parse_event(line), line), Facts(version="1", codes=codes))
    assert "a part of it may be secret" in str(value(item, "place")["value_reason"])
