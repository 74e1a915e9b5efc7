from pathlib import Path

import pytest

from tests.unit.console.cli.key_room import Room, room_in


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    return room_in(tmp_path, capsys)


def test_a_leaked_key_is_found_named_and_taken_back(room: Room) -> None:
    made = room.create()
    log = room.folder / "app.log"
    log.write_text(f"start\nGET / x-api-key: {made['key']}\n")
    out = room.run("keys", "scan", str(log), status=1)
    assert out == f"{log}:2:18: key {made['id']}, live\n"
    assert made["key"] not in out + room.err
    room.run("keys", "scan", str(log), "--revoke", status=2)
    assert "is refused from now on" in room.err
    room.run("keys", "scan", str(log), "--revoke", "--yes", status=1)
    assert room.data("keys", "show", made["id"])["state"] == "revoked"
    assert room.data("keys", "scan", str(log), status=1)[0]["state"] == "revoked"


def test_a_secret_that_was_rotated_away_opens_nothing(room: Room) -> None:
    made = room.create()
    log = room.folder / "app.log"
    log.write_text(made["key"])
    room.run("keys", "rotate", made["id"], "--grace", "0s", "--yes")
    assert "rotated away" in room.run("keys", "scan", str(log), status=1)


def test_clean_files_give_a_clean_end(room: Room) -> None:
    made = room.create()
    forged = made["key"][:-1] + ("x" if made["key"][-1] != "x" else "y")
    (room.folder / "app.log").write_text(f"{forged}\nbtz_svc_live_x\n")
    assert room.run("keys", "scan", str(room.folder / "app.log")) == ""
    assert "0 keys found" in room.err
    room.run("keys", "scan", str(room.folder / "gone"), status=2)
    assert "is not there" in room.err


def test_a_key_of_another_installation_is_found_too(room: Room, tmp_path: Path) -> None:
    made = room.create()
    for one in (room.folder / "s").iterdir():
        one.unlink()
    (room.folder / "app.log").write_text(made["key"])
    assert "not issued here" in room.run("keys", "scan", str(room.folder / "app.log"), status=1)
