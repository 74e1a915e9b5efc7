from typing import Any

import pytest

from bartizan.policy.limit_diff import limits

MINUTE = 60_000


def rate(
    count: int, window_ms: int = MINUTE, per: str = "principal", burst: int = 0
) -> dict[str, Any]:
    quota = {"kind": "rate", "count": count, "window_ms": window_ms, "burst": burst or count}
    return {"name": "n", "per": [per] if per else [], "quota": quota, "everywhere": True}


def under_way(count: int) -> dict[str, Any]:
    return {"per": ["address"], "quota": {"kind": "concurrency", "count": count}}


@pytest.mark.parametrize(
    ("old", "new", "words", "effect"),
    [
        (rate(100), rate(50), "limit per principal from 100/min to 50/min", "tighter"),
        (rate(50), rate(100), "limit per principal from 50/min to 100/min", "looser"),
        (rate(100), rate(100, burst=20),
         "limit per principal from 100/min to 100/min (burst 20)", "tighter"),
        (rate(100), rate(5, 90_000), "limit per principal from 100/min to 5/90s", "tighter"),
        (rate(1, 1000), rate(60), "limit per principal from 1/s to 60/min", "looser"),
        (rate(10, 1000), rate(20, 3_600_000),
         "limit per principal from 10/s to 20/h", "other"),
        (rate(9, 2 * 3_600_000), rate(9, 500), "limit per principal from 9/2h to 9/500ms", "looser"),
        (rate(9, per=""), rate(8, per=""), "limit of all together from 9/min to 8/min", "tighter"),
        (under_way(9), under_way(3), "limit per address from 9 under way to 3 under way", "tighter"),
    ],
)  # fmt: skip
def test_a_changed_limit_is_one_change(
    old: dict[str, Any], new: dict[str, Any], words: str, effect: str
) -> None:
    assert list(limits([old], [new])) == [(words, effect)]


def test_a_limit_of_another_kind_is_another_limit() -> None:
    assert list(limits([rate(9)], [rate(9, per="address"), under_way(2)])) == [
        ("limit 2 under way per address", "tighter"),
        ("limit 9/min per address", "tighter"),
        ("no limit 9/min per principal any more", "looser"),
    ]


def test_limits_of_the_same_window_belong_together() -> None:
    old, new = [rate(10, 1000), rate(100)], [rate(50), rate(10, 1000), rate(700, 3_600_000)]
    assert list(limits(old, new)) == [
        ("limit per principal from 100/min to 50/min", "tighter"),
        ("limit 700/h per principal", "tighter"),
    ]


def test_names_and_places_are_no_difference() -> None:
    assert list(limits([rate(9) | {"name": "a"}], [rate(9) | {"name": "b", "source": 1}])) == []
