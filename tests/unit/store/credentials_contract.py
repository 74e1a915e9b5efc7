"""What every Credentials must do; run by the test of each implementation."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bartizan.model.credential import Revocation
from bartizan.store.credentials import Credentials
from tests.unit.identity.issued import NOW_S, key, secret

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


def check_all_of_a_key_and_its_secrets_is_kept(make: Make) -> None:
    store = make()
    rotated = replace(secret("a", "p1"), since_s=NOW_S, idle_s=60, ends_s=NOW_S + 999, used_s=7)
    bound = replace(key("1"), operations=("GET /a",), secrets=(rotated, secret("b", "p2")))
    store.add(bound)
    assert store.key("1") == bound
    assert store.change("1", lambda old: replace(old, operations=())).operations == ()
    assert store.key("1") == replace(bound, operations=())


def check_a_digest_gives_way_to_one_under_another_pepper(make: Make) -> None:
    store = make()
    store.add(replace(key("1"), secrets=(secret("a", "p1"), secret("b", "p1"))))
    store.stamp({"a": 5})
    store.move({"a": "x", "unknown": "y"}, "p2")
    kept = store.key("1")
    assert kept is not None
    assert {(one.digest, one.pepper, one.used_s) for one in kept.secrets} == {
        ("x", "p2", 5),
        ("b", "p1", None),
    }


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
    check_all_of_a_key_and_its_secrets_is_kept,
    check_a_digest_gives_way_to_one_under_another_pepper,
    check_the_log_is_ordered_and_forgets_what_has_ended,
)
