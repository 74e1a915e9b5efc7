import copy

import pytest

from bartizan.model.event import Reason
from bartizan.policy.edit import UNWRITTEN, NotOffered, Offer, apply_offer
from bartizan.policy.offer import UNTOLD, any_item, shadow
from tests.unit.policy.offers import event, not_offered, offered


def test_a_content_rule_is_relaxed_on_its_operation_only() -> None:
    change = offered(Reason("parse.semicolon"), "content", {})
    assert apply_offer({"mode": "enforce"}, change) == {
        "mode": "enforce",
        "operations": {"POST /users": {"relax": ["parse.semicolon"]}},
    }
    assert change.yaml == "operations:\n  POST /users:\n    relax:\n      - parse.semicolon\n"


def test_a_content_rule_before_any_match_is_relaxed_everywhere() -> None:
    change = offered(Reason("parse.semicolon"), "content", {}, operation="")
    assert apply_offer({"relax": ["parse.bad-host"]}, change) == {
        "relax": ["parse.bad-host", "parse.semicolon"]
    }


def test_a_body_that_cannot_be_read_is_excepted_whole() -> None:
    reason = Reason("parse.bad-json", location="body", pointer="/email")
    assert offered(reason, "content", {}).value == {
        "rule": "parse.bad-json",
        "operation": "POST /users",
        "reason": UNWRITTEN,
    }


def test_a_body_that_is_too_large_gets_a_larger_cap() -> None:
    reason = Reason("parse.body-too-large", expected="at most 2000000 bytes")
    change = offered(reason, "content", {}, bytes_in=10)
    assert (change.path[-1], change.value) == ("body_max_bytes", 4_000_000)


def test_a_reader_after_the_head_is_excepted_at_its_field() -> None:
    reason = Reason("parse.bad-json", location="query", name="meta", pointer="/a")
    value = offered(reason, "content", {}).value
    assert isinstance(value, dict)
    assert (value["rule"], value["field"]) == ("parse.bad-json", "query:meta")


def test_a_body_that_grows_too_fast_gets_a_larger_ratio_after_its_cap() -> None:
    reason = Reason("parse.decoded-too-large", expected="a whole coding of at most 2097152 bytes")
    change = offered(reason, "content", {}, bytes_in=200)
    assert apply_offer({}, change) == {"budget": {"inflate_ratio_max": 1000}}
    slow = offered(reason, "content", {}, bytes_in=30_000)
    assert slow.path[-1] == "body_max_bytes"


def test_a_contract_breach_is_excepted_for_its_rule_operation_and_field() -> None:
    reason = Reason("inspect.body-schema", location="body", pointer="/items/3/price")
    change = offered(reason, "contract", {})
    assert apply_offer({}, change)["exceptions"] == [
        {
            "rule": "inspect.body-schema",
            "operation": "POST /users",
            "field": "body#/items/*/price",
            "reason": UNWRITTEN,
        }
    ]


def test_what_is_not_told_is_excepted_with_the_whole_body_only() -> None:
    change = offered(
        Reason("inspect.body-schema", location="body", expected=UNTOLD), "contract", {}
    )
    assert isinstance(change.value, dict)
    assert change.value["field"] == "body"
    assert "more is broken than is told" in change.title


def test_an_undeclared_route_is_excepted_by_its_path() -> None:
    change = offered(Reason("match.unknown-path", location="target"), "contract", {}, operation="")
    assert change.value == {
        "rule": "match.unknown-path",
        "path": "POST /users",
        "reason": UNWRITTEN,
    }


LIMITS = [
    ({"limits": {"per": "principal", "rate": "100/min"}}, "/limits"),
    ({"limits": {"per": "principal", "rate": "100/min"}}, "/limits/rate"),
    ({"limits": [{"rate": "1/s"}, {"per": "address", "rate": "100/min"}]}, "/limits/1"),
    ({"limits": {"rate": "100/min"}}, "/limits/0"),
    ({"operations": {"POST /users": {"limits": [{"rate": "100/min"}]}}},
     "/operations/POST ~1users/limits/0"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "pointer"), LIMITS)
def test_the_limit_that_refused_is_raised_where_it_stands(
    config: dict[str, object], pointer: str
) -> None:
    before = copy.deepcopy(config)
    change = offered(Reason("limit.rate", document=0, source=pointer), "quota", config)
    after = apply_offer(config, change)
    assert "1000/min" in repr(after)
    assert "100/min" not in repr(after).replace("1000/min", "")
    assert config == before


def test_a_written_burst_goes_with_the_rate() -> None:
    config: dict[str, object] = {"limits": {"rate": "100/min", "burst": 5, "per": "address"}}
    change = offered(Reason("limit.rate", document=0, source="/limits"), "quota", config)
    assert apply_offer(config, change) == {"limits": {"rate": "1000/min", "per": "address"}}


def test_a_concurrency_cap_is_raised() -> None:
    config: dict[str, object] = {"limits": [{"concurrency": 5}]}
    change = offered(Reason("limit.concurrency", document=0, source="/limits/0"), "quota", config)
    assert apply_offer(config, change) == {"limits": [{"concurrency": 50}]}


@pytest.mark.parametrize("reason", [Reason("limit.rate"), Reason("limit.rate", document=0)])
def test_a_limit_that_is_not_in_the_config_is_not_raised(reason: Reason) -> None:
    assert "limit" in not_offered(reason, "quota", {"limits": "odd"})


def test_each_response_rule_has_its_setting() -> None:
    settings = {
        code: offered(Reason(code), "response", {}).path[-2:]
        for code in ("shape.undeclared-field", "shape.error-scrubbed", "shape.status")
    }
    assert settings == {
        "shape.undeclared-field": ("shape", "fields"),
        "shape.error-scrubbed": ("shape", "scrub_errors"),
        "shape.status": ("shape", "breach"),
    }


def test_framing_and_our_own_faults_have_no_setting() -> None:
    assert "two readings" in not_offered(Reason("wire.bad-length"), "framing", {})
    assert "no rule" in not_offered(Reason("internal.fault"), "internal", {})


def test_a_control_can_be_put_into_shadow_on_its_operation() -> None:
    change = shadow(Reason("inspect.body-schema", stage="inspect"), event())
    assert isinstance(change, Offer)
    assert apply_offer({}, change) == {
        "operations": {"POST /users": {"controls": {"inspect": "shadow"}}}
    }
    assert isinstance(shadow(Reason("wire.bad-length", stage="wire"), event()), NotOffered)


def test_only_whole_numbers_in_a_pointer_are_positions() -> None:
    assert any_item("body#/a/0/b1/22") == "body#/a/*/b1/*"


def test_a_raised_limit_keeps_what_else_is_written_of_it() -> None:
    config: dict[str, object] = {"limits": {"rate": "5/15min", "per": "address", "name": "log-in"}}
    change = offered(Reason("limit.rate", document=0, source="/limits"), "quota", config)
    assert "per: address" in change.yaml
    assert "name: log-in" in change.yaml
    raised = {"rate": "50/15min", "per": "address", "name": "log-in"}
    assert apply_offer(config, change) == {"limits": raised}


def test_the_documentation_of_the_api_is_opened_by_name() -> None:
    reason = Reason("match.unknown-path")
    change = offered(reason, "contract", {}, method="GET", path="/docs", operation="")
    assert apply_offer({}, change) == {"public": ["/docs"]}
    other = offered(reason, "contract", {}, method="POST", path="/docs", operation="")
    assert other.path == ("exceptions",)


def test_one_secret_field_is_excepted_and_no_other() -> None:
    reason = Reason("shape.secret-field", location="response-body", pointer="/tokens/3/key")
    made = apply_offer({}, offered(reason, "response", {}))["exceptions"]
    assert made == [
        {
            "rule": "shape.secret-field",
            "operation": "POST /users",
            "field": "response-body#/tokens/*/key",
            "reason": UNWRITTEN,
        }
    ]


@pytest.mark.parametrize(
    ("pointer", "field"), [("", "body#"), ("/items/3", "body#/items/*")], ids=["body", "inner"]
)
def test_a_missing_member_is_excepted_without_the_schema_of_the_other_members(
    pointer: str, field: str
) -> None:
    reason = Reason(
        "inspect.body-schema", location="body", pointer=pointer, expected='the member "y"'
    )
    change = offered(reason, "contract", {})
    assert isinstance(change.value, dict)
    assert change.value["field"] == field
    assert "only here" not in change.title
    assert "every member it must have" in change.title


def test_the_reason_of_an_exception_is_left_to_be_written() -> None:
    reason = Reason("inspect.body-schema", location="body", pointer="/a")
    assert "reason: FILL IN why" in offered(reason, "contract", {}).yaml


@pytest.mark.parametrize(
    ("path", "method"), [("/**", "GET"), ("/admin/**", "GET"), ("/admin", "*")]
)
def test_a_route_that_reads_as_a_pattern_is_not_offered(path: str, method: str) -> None:
    reason = Reason("match.unknown-path", location="path")
    not_offered(reason, "contract", {}, operation="", path=path, method=method)
    entry = offered(reason, "contract", {}, operation="", path="/admin", method="GET").value
    assert isinstance(entry, dict)
    assert entry["path"] == "GET /admin"


@pytest.mark.parametrize(
    "reason",
    [
        Reason("inspect.body-undeclared", location="body", pointer="/*"),
        Reason("inspect.body-schema", location="body", pointer="/a/*/b"),
        Reason("inspect.parameter-undeclared", location="query"),
        Reason("inspect.parameter-undeclared", location="query", name="a#b"),
    ],
)
def test_a_name_that_reads_as_a_pattern_is_not_offered(reason: Reason) -> None:
    assert "more than itself" in not_offered(reason, "contract", {})


def test_a_member_called_by_a_number_is_excepted_alone_and_its_list_as_a_whole() -> None:
    reason = Reason("inspect.body-undeclared", location="body", pointer="/items/3/0")
    entry = offered(reason, "contract", {}).value
    assert isinstance(entry, dict)
    assert entry["field"] == "body#/items/*/0"
