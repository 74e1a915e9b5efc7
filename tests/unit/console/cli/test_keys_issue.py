import io
import sys
from pathlib import Path

import pytest

from tests.unit.console.built import built
from tests.unit.console.cli.key_room import CONFIG, Room, room_in
from tests.unit.console.cli.records import record


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    return room_in(tmp_path, capsys)


def test_a_key_is_shown_once_and_kept_nowhere(room: Room) -> None:
    text = room.run("keys", "create", "--owner", "partner", "--scope", "read").strip()
    assert text.startswith("btz_svc_live_")
    assert "never shown again" in room.err
    kept = [one.read_bytes() for one in (room.folder / "s").iterdir()]
    assert kept
    assert not any(text.rpartition("_")[2].encode() in one for one in kept)
    assert text not in room.run("keys", "list") + room.run("keys", "list", "--json")


def test_the_config_is_told_when_it_does_not_let_issued_keys_in(room: Room) -> None:
    room.create()
    assert "issued: true" not in room.err
    (room.folder / "bartizan.yaml").write_text("upstream: http://127.0.0.1:8000\n")
    room.create()
    assert "issued: true" in room.err


def test_a_key_is_listed_and_shown_with_all_that_was_said(room: Room) -> None:
    made = room.create("--scope", "read", "--network", "10.0.0.0/8", "--kind", "agt")
    assert made["expires"] == made["issued"] + 90 * 86_400
    shown = room.data("keys", "show", made["id"])
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert (shown["kind"], shown["scopes"], shown["networks"]) == ("agt", ["read"], ["10.0.0.0/8"])
    assert made["id"] in room.run("keys", "list")
    assert "never used" in room.run("keys", "show", made["id"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--expires", "never"), "needs a reason"),
        (("--expires", "400d"), "needs a reason"),
        (("--expires", "2020-01-01"), "is over already"),
        (("--expires", "soon"), "is not a time"),
        (("--network", "10.0.0.1/8"), "is not a network"),
    ],
)
def test_a_bad_wish_is_refused(room: Room, words: tuple[str, ...], message: str) -> None:
    room.run("keys", "create", "--owner", "x", *words, status=2)
    assert message in room.err


def test_a_long_life_is_granted_with_its_reason(room: Room) -> None:
    made = room.create("--expires", "never", "--waiver", "a printer in the cellar")
    assert (made["expires"], made["waiver"]) == (None, "a printer in the cellar")


def test_rotating_shows_what_it_does_and_keeps_the_id(room: Room) -> None:
    made = room.create()
    room.run("keys", "rotate", made["id"], status=2)
    assert "gets a new secret" in room.err
    assert room.data("keys", "show", made["id"])["state"] == "live"
    again = room.data("keys", "rotate", made["id"], "--yes")
    assert (again["id"], again["state"]) == (made["id"], "rotating")
    assert again["key"] != made["key"]


def test_a_key_is_bound_to_operations_that_are_declared(room: Room) -> None:
    (room.folder / "s").mkdir()
    record(room.folder / "s", operations=["GET /users", "POST /users"])
    room.run("keys", "create", "--owner", "x", "--operation", "GET /usres", status=2)
    assert "did you mean `GET /users`?" in room.err
    made = room.create("--operation", "GET /users", "--operation", "POST /users")
    assert made["operations"] == ["GET /users", "POST /users"]
    assert "opens     GET /users, POST /users" in room.run("keys", "show", made["id"])
    assert "opens     every operation" in room.run("keys", "show", room.create()["id"])


def test_before_the_first_run_the_config_tells_the_operations(room: Room) -> None:
    built(room.folder / "bartizan.yaml")
    (room.folder / "bartizan.yaml").write_text(f"{CONFIG}openapi: openapi.json\n")
    assert room.create("--operation", "GET /users")["operations"] == ["GET /users"]
    room.run("keys", "create", "--owner", "x", "--operation", "GET /usrs", status=2)
    assert "did you mean `GET /users`?" in room.err


def test_an_old_secret_is_shown_with_its_end(room: Room) -> None:
    made = room.create()
    room.run("keys", "rotate", made["id"], "--grace", "2h", "--yes")
    assert "once it is unused for 2h" in room.err
    assert "unless it is used" in room.run("keys", "show", made["id"])
    old, new = room.data("keys", "show", made["id"])["secrets"]
    assert (old["ends"] - new["made"], new["ends"]) == (7200, None)


def test_revoking_shows_what_it_does_and_takes_a_leaked_key_as_proof(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = room.create()
    room.run("keys", "revoke", made["id"], status=2)
    assert "is refused from now on" in room.err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(made["key"].encode() + b"\n")))
    assert room.data("keys", "revoke", "-", "--yes")["state"] == "revoked"
    room.run("keys", "rotate", made["id"], "--yes", status=2)
    assert "is revoked" in room.err


def test_an_unknown_id_is_told_with_what_was_meant(room: Room) -> None:
    made = room.create()
    room.run("keys", "show", made["id"][:-1] + "_", status=2)
    assert made["id"] in room.err
    room.run("keys", "show", made["key"], status=2)
    assert made["key"] not in room.err
