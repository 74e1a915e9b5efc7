"""What every Credentials must do; run by the test of each implementation."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bartizan.model.credential import Revocation
from bartizan.store.credentials import Credentials
from tests.unit.identity.issued import NOW_S, key

Make = Callable[[], Credentials]


def revocation(name: str, until_s: int) -> Revocation:
    return Revocation(
        kind="token", issuer="main", name=name, before_s=NOW_S, until_s=until_s, made_s=NOW_S
    )


def check_a_kept_key_is_found_whole(make: Make) -> None:
    store = make()
    one, other = key("1", "a", NOW_S + 5), key("2", "b")
    store.add(one)
    store.add(other)
    assert store.key("1") == one
    assert store.key("3") is None
    assert store.keys() == (one, other)


def check_ids_and_digests_are_there_once(make: Make) -> None:
    store = make()
    store.add(key("1", "a"))
    for twin in (key("1", "b"), key("2", "a")):
        with pytest.raises(KeyError):
            store.add(twin)
    assert store.keys() == (key("1", "a"),)


def check_a_change_is_whole_or_nothing(make: Make) -> None:
    store = make()
    store.add(key("1", "a"))
    changed = store.change("1", lambda old: replace(old, owner="else", revoked_s=NOW_S))
    assert store.key("1") == changed
    assert (changed.owner, changed.revoked_s) == ("else", NOW_S)

    def fail(_old: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.change("1", fail)  # type: ignore[arg-type]
    assert store.key("1") == changed
    with pytest.raises(KeyError):
        store.change("2", lambda old: old)


def check_last_use_only_grows(make: Make) -> None:
    store = make()
    store.add(key("1", "a"))
    for at_s in (50, 70, 60):
        store.stamp({"a": at_s, "unknown": 1})
    kept = store.key("1")
    assert kept is not None
    assert kept.used_s == 70


def check_the_log_is_ordered_and_forgets_what_has_ended(make: Make) -> None:
    store = make()
    first = store.revoke(revocation("t1", NOW_S + 5), NOW_S)
    second = store.revoke(revocation("t2", NOW_S + 50), NOW_S)
    assert store.revocations() == (first, second)
    assert store.revocations(first.position) == (second,)
    third = store.revoke(revocation("t3", NOW_S + 50), NOW_S + 5)
    assert store.revocations() == (second, third)
    assert first.position < second.position < third.position


ALL = (
    check_a_kept_key_is_found_whole,
    check_ids_and_digests_are_there_once,
    check_a_change_is_whole_or_nothing,
    check_last_use_only_grows,
    check_the_log_is_ordered_and_forgets_what_has_ended,
)
