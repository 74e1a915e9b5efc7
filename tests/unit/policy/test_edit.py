import json

import pytest

from bartizan.model.event import Reason
from bartizan.policy.edit import Offer, apply_offer, resolve, stands, where
from tests.unit.policy.offers import offered


def test_an_offer_applied_twice_changes_nothing_more() -> None:
    change = offered(Reason("parse.semicolon"), "content", {})
    once = apply_offer({}, change)
    assert apply_offer(once, change) == once


def test_a_list_position_that_is_gone_is_not_invented() -> None:
    with pytest.raises(KeyError):
        apply_offer({"a": []}, Offer("t", ("a", 3, "b"), "set", 1))
    with pytest.raises(KeyError):
        apply_offer({"a": "text"}, Offer("t", ("a", "b"), "set", 1))


def test_an_offer_as_data_can_be_applied_by_a_machine() -> None:
    change = offered(Reason("parse.semicolon"), "content", {})
    data = json.loads(json.dumps(change.as_data()))
    read = Offer(data["title"], tuple(data["path"]), data["action"], data["value"])
    assert apply_offer({}, read) == apply_offer({}, change)
    assert data["yaml"] == change.yaml


def test_a_place_is_found_as_the_file_writes_it() -> None:
    listed = {"limits": [{"rate": "1/s"}]}
    reason = Reason("limit.rate", document=0, source="/limits/0")
    assert where(listed, reason) == ("limits", 0)
    assert where({"limits": {"rate": "1/s"}}, reason) == ("limits",)
    assert where(listed, Reason("limit.rate", document=1, source="/limits/0")) is None
    assert resolve(listed, ("limits", 0, "rate")) == "1/s"
    assert resolve(listed, ("limits", 7, "rate")) is None


@pytest.mark.parametrize(
    ("config", "is_there"),
    [
        ({"relax": ["parse.semicolon"]}, True),
        ({"relax": "parse.semicolon"}, True),
        ({"relax": ["parse.bad-host"]}, False),
        ({}, False),
    ],
)
def test_a_change_that_the_config_holds_already_is_known(
    config: dict[str, object], is_there: bool
) -> None:
    assert stands(config, Offer("relax it", ("relax",), "append", "parse.semicolon")) is is_there


def test_an_exception_is_the_same_whatever_its_reason_says() -> None:
    change = Offer("except it", ("exceptions",), "append", {"rule": "a.b", "reason": "one"})
    assert stands({"exceptions": [{"rule": "a.b", "reason": "two"}]}, change)
    assert not stands({"exceptions": [{"rule": "a.c", "reason": "one"}]}, change)


def test_a_setting_stands_where_it_has_that_value() -> None:
    change = Offer("open it", ("operations", "GET /a", "security"), "set", "none")
    assert stands({"operations": {"GET /a": {"security": "none"}}}, change)
    assert not stands({"operations": {"GET /a": {}}}, change)
