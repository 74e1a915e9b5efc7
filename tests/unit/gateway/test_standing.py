import json
from dataclasses import replace
from typing import Any

from bartizan.gateway.standing import Standing
from bartizan.model.secret import Secret
from bartizan.store.credentials import MemoryCredentials
from tests.unit.identity.issued import NOW_S, key, secret
from tests.unit.store.credentials_contract import revocation


class Watched(MemoryCredentials):
    """A store that others write to: it says so."""

    changed = 0

    def version(self) -> int:
        return self.changed


def standing(store: Watched, *, takes_keys: bool = True) -> Standing:
    peppers = [("2", Secret("newest")), ("1", Secret("older"))]
    return Standing(store, lambda: peppers, takes_keys=takes_keys)


def read(payload: bytes | None) -> dict[str, Any]:
    assert payload is not None
    data: dict[str, Any] = json.loads(payload)
    return data


def test_keys_go_whole_and_the_log_goes_on_from_where_it_was() -> None:
    store = Watched()
    beside = standing(store)
    store.add(key("1", "a"))
    store.revoke(revocation("t1", NOW_S + 9), NOW_S)
    first = read(beside.whole())
    assert first["keys"]["peppers"] == ["newest", "older"]
    assert [one["id"] for one in first["keys"]["keys"]] == ["1"]
    assert first["revocations"] == [
        {"kind": "token", "issuer": "main", "name": "t1", "until_s": NOW_S + 9}
    ]
    assert beside.changes() is None
    store.changed += 1
    store.revoke(revocation("t2", NOW_S + 9), NOW_S)
    later = read(beside.changes())
    assert [one["name"] for one in later["revocations"]] == ["t2"]
    assert len(later["keys"]["keys"]) == 1
    assert beside.changes() is None
    assert len(read(beside.whole())["revocations"]) == 2


def test_keys_stay_out_where_the_config_does_not_let_them_in() -> None:
    store = Watched()
    store.add(key("1", "a"))
    kept = read(standing(store, takes_keys=False).whole())
    assert kept["keys"] == {"peppers": [], "keys": []}


def test_no_text_of_a_key_is_ever_pushed() -> None:
    store = Watched()
    store.add(key("1", "a"))
    assert set(read(standing(store).whole())["keys"]["keys"][0]) == {
        "id", "scopes", "networks", "operations", "expires_s", "revoked", "secrets"
    }  # fmt: skip


def test_a_secret_that_was_rotated_away_is_pushed_with_its_last_use() -> None:
    store = Watched()
    old = replace(secret("a"), since_s=NOW_S, idle_s=60, used_s=NOW_S + 5)
    store.add(replace(key("1"), secrets=(old, secret("b"))))
    kept = read(standing(store).whole())["keys"]["keys"][0]["secrets"]
    retires = {"since_s": NOW_S, "idle_s": 60, "used_s": NOW_S + 5}
    assert kept == [
        {"digest": "a", "expires_s": None, "retires": retires},
        {"digest": "b", "expires_s": None},
    ]


def test_a_digest_that_moved_is_kept_under_the_newest_pepper_and_pushed() -> None:
    store = Watched()
    store.add(key("1", "a"))
    beside = standing(store)
    beside.whole()
    beside.stamp({"a": NOW_S + 1}, {})
    assert beside.changes() is None
    beside.stamp({}, {"a": "x"})
    pushed = read(beside.changes())["keys"]["keys"][0]["secrets"]
    assert [one["digest"] for one in pushed] == ["x"]
    moved = store.key("1")
    assert moved is not None
    assert (moved.secrets[0].pepper, moved.used_s) == ("2", NOW_S + 1)
    assert beside.changes() is None
