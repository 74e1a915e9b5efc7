import json

import pytest

from bartizan.model.event import Reason
from bartizan.policy.edit import Offer, apply_offer, resolve, where
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
