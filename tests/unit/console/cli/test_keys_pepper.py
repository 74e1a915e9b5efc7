from pathlib import Path

import pytest

from bartizan.store import pepper
from bartizan.store.sql_credentials import FILE, SqlCredentials
from tests.unit.console.cli.key_room import Room, room_in


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    return room_in(tmp_path, capsys)


def peppers(room: Room) -> list[str]:
    return [name for name, _secret in pepper.named(room.folder / "s" / pepper.FILE)]


def move_all(room: Room) -> None:
    """As the gateway does when every key was used."""
    store = SqlCredentials(room.folder / "s" / FILE)
    kept = store.keys()
    digests = [one.digest for key in kept for one in key.secrets]
    store.move({one: f"moved {one}" for one in digests}, peppers(room)[0])
    store.close()


def test_keys_move_to_the_new_pepper_before_the_next_rotation(room: Room) -> None:
    used, unused = room.create(), room.create()
    first = peppers(room)
    assert room.data("keys", "rotate-pepper") == {"to_move": [used["id"], unused["id"]]}
    assert peppers(room)[1:] == first
    fresh = room.create()
    room.run("keys", "rotate-pepper", status=2)
    assert f"2 keys did not move from the old pepper yet: {used['id']}, {unused['id']}" in room.err
    assert fresh["id"] not in room.err
    move_all(room)
    room.run("keys", "rotate-pepper")
    assert len(peppers(room)) == 2
    assert first[0] not in peppers(room)


def test_what_opens_nothing_holds_no_rotation_up(room: Room) -> None:
    made = room.create()
    room.run("keys", "rotate-pepper")
    room.run("keys", "revoke", made["id"], "--yes")
    room.run("keys", "rotate-pepper")
    assert "0 keys to move" in room.run("keys", "rotate-pepper")


def test_dropping_the_old_pepper_shows_which_keys_end_with_it(room: Room) -> None:
    old = room.create()
    room.run("keys", "rotate-pepper")
    fresh = room.create()
    room.run("keys", "rotate-pepper", "--drop-old", status=2)
    assert f"key {old['id']} of partner opens nothing from now on" in room.err
    assert len(peppers(room)) == 2
    assert room.data("keys", "rotate-pepper", "--drop-old", "--yes") == {"ended": [old["id"]]}
    assert len(peppers(room)) == 1
    assert room.data("keys", "show", old["id"])["state"] == "expired"
    assert room.data("keys", "show", fresh["id"])["state"] == "live"
    room.run("keys", "rotate-pepper", "--drop-old")


def test_a_running_gateway_is_told(room: Room) -> None:
    room.create()
    store = SqlCredentials(room.folder / "s" / FILE)
    before = store.version()
    room.run("keys", "rotate-pepper")
    assert store.version() != before
    store.close()


def test_without_a_key_there_is_no_pepper(room: Room) -> None:
    (room.folder / "s").mkdir()
    room.run("keys", "rotate-pepper", status=2)
    assert "no key was issued here" in room.err


def test_a_leaked_key_is_known_under_either_pepper(room: Room) -> None:
    made = room.create()
    (room.folder / "log").write_text(made["key"])
    room.run("keys", "rotate-pepper")
    (leak,) = room.data("keys", "scan", str(room.folder / "log"), status=1)
    assert leak["state"] == "live"
