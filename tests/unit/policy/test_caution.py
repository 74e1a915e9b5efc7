import pytest

from bartizan.model.event import Reason
from bartizan.policy.caution import refused_by_api
from tests.unit.policy.offers import event, offered

MISSING = Reason("identify.credential-missing", location="header", name="authorization")
SCHEMA = Reason("inspect.body-schema", location="body", pointer="/a")
LIMITS: dict[str, object] = {"limits": {"rate": "5/min", "per": "address"}}


def test_opening_an_operation_to_everybody_is_said() -> None:
    change = offered(MISSING, "credential", {})
    assert change.caution == "everybody may then call it, without any credential"
    assert change.as_data()["caution"] == change.caution


def test_a_raised_limit_says_that_floods_pass_too() -> None:
    reason = Reason("limit.rate", document=0, source="/limits")
    assert "flood" in offered(reason, "quota", LIMITS).caution


@pytest.mark.parametrize(("method", "is_said"), [("POST", True), ("GET", False)])
def test_an_exception_is_cautioned_where_the_operation_writes(method: str, is_said: bool) -> None:
    change = offered(SCHEMA, "contract", {}, method=method)
    assert bool(change.caution) is is_said
    assert ("caution" in change.as_data()) is is_said


@pytest.mark.parametrize("status", [401, 403])
def test_what_the_api_refused_itself_is_better_left(status: int) -> None:
    change = offered(MISSING, "credential", {}, upstream_status=status)
    assert change.caution.endswith(f"the API itself answered {status}: leave it refused")


@pytest.mark.parametrize(("status", "is_refused"), [(0, False), (201, False), (403, True)])
def test_only_a_refusal_of_rights_is_one_of_the_api(status: int, is_refused: bool) -> None:
    assert refused_by_api(event(upstream_status=status)) is is_refused
