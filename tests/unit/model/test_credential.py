from dataclasses import replace

from tests.unit.identity.issued import NOW_S, key


def test_the_state_of_a_key_is_that_of_the_moment() -> None:
    one = key(expires_s=NOW_S + 10)
    assert [one.state(NOW_S + later) for later in (0, 9, 10)] == ["live", "live", "expired"]
    assert replace(one, revoked_s=NOW_S).state(NOW_S + 99) == "revoked"
    ended = replace(one, secrets=(replace(one.secrets[0], ends_s=NOW_S + 5),))
    assert (ended.state(NOW_S + 4), ended.state(NOW_S + 5)) == ("live", "expired")


def test_a_secret_that_was_rotated_away_ends_when_it_is_unused_and_at_its_end_anyway() -> None:
    one = replace(key().secrets[0], since_s=NOW_S, idle_s=10)
    assert one.retires_s == NOW_S + 10
    used = replace(one, used_s=NOW_S + 5)
    assert [used.is_live(NOW_S + later) for later in (14, 15)] == [True, False]
    assert replace(used, ends_s=NOW_S + 7).retires_s == NOW_S + 7
    assert replace(used, used_s=NOW_S - 99).retires_s == NOW_S + 10


def test_the_last_use_is_that_of_any_secret() -> None:
    one = key()
    assert one.used_s is None
    used = replace(one, secrets=(*one.secrets, replace(one.secrets[0], used_s=7)))
    assert used.used_s == 7
