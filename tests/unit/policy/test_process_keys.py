import re
from pathlib import Path

import pytest

from bartizan.policy.process_keys import Bounds, Connections, LimitTable, Pool, Timeouts
from bartizan.policy.records import Settings, keys_of
from tests.unit.policy.configured import configured, refused

DEFAULT = re.compile(r"^ {12}(?P<name>\w+): (?P<value>[\d_]+(?: << \d+)?),$", re.MULTILINE)


def core_defaults(root: Path) -> dict[str, int]:
    """The defaults in crates/core/src/budget.rs, by name."""
    text = (root / "crates/core/src/budget.rs").read_text("utf-8")
    whole = text.split("impl Default for Bounds", 1)[1].split("\n}\n", 1)[0]
    found = {}
    for one in DEFAULT.finditer(whole):
        number, _, shift = one["value"].replace("_", "").partition(" << ")
        found[one["name"]] = int(number) << int(shift or 0)
    return found


def test_the_defaults_of_budget_equal_those_of_the_core(root: Path) -> None:
    ours = {name: one.default for name, one in keys_of(Bounds).items()}
    assert ours == core_defaults(root)


def test_every_bound_of_the_core_is_a_setting_in_its_order(root: Path) -> None:
    assert list(keys_of(Bounds)) == list(core_defaults(root))


@pytest.mark.parametrize("record", [Bounds, Timeouts, Pool, Connections, LimitTable])
def test_every_key_has_a_safe_default_and_words(record: type[Settings]) -> None:
    for name, one in keys_of(record).items():
        assert getattr(record(), name) == one.default
        assert one.about.endswith(".")


def test_a_bound_is_read_and_the_others_keep_their_default() -> None:
    budget = configured("budget: { json_depth_max: 8 }\n").budget
    assert (budget.json_depth_max, budget.json_keys_max) == (8, 1_000)


@pytest.mark.parametrize(
    "text",
    [
        "budget: { json_depth_max: 129 }",
        "budget: { json_depth_max: 0 }",
        "timeouts: { head: 5 }",
        "pool: { max_connections: 65536 }",
        "connections: { total: 0 }",
        "limit_table: { slots: 0 }",
    ],
)
def test_a_bound_beyond_its_range_is_refused_at_its_line(text: str) -> None:
    assert refused(text) == [("config.wrong-value", 2)]
