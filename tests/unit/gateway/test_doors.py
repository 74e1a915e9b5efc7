from pathlib import Path

from bartizan.gateway.doors import Plan
from bartizan.model.event import Setting

CANARY = "s3cret-of-the-load"


def test_a_plan_never_shows_the_secrets_of_its_load() -> None:
    plan = Plan(
        CANARY.encode(), "00112233", lambda _document, _pointer: Setting("bartizan.yaml", 1, "")
    )
    assert CANARY not in f"{plan} {plan!r}"
    assert "00112233" in repr(plan)


def test_a_plan_says_what_to_watch_and_what_it_holds() -> None:
    files = (Path("bartizan.yaml"), Path("openapi.yaml"))
    plan = Plan(b"{}", "00", lambda _document, _pointer: Setting("", 0, ""), files=files)
    assert plan.files == files
    assert (plan.takes_keys, plan.operations) == (False, ())
