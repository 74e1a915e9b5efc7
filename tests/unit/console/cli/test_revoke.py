from pathlib import Path

import pytest

from tests.unit.console.cli.key_room import Room, room_in


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    return room_in(tmp_path, capsys)


def test_what_is_revoked_is_kept_in_order(room: Room) -> None:
    token = room.data("revoke", "token", "t1", "--yes")
    subject = room.data("revoke", "subject", "alice", "--yes")
    issuer = room.data("revoke", "issuer", "--before", "2026-01-01", "--yes")
    assert [one["kind"] for one in (token, subject, issuer)] == ["token", "subject", "issuer"]
    assert {one["issuer"] for one in (token, subject, issuer)} == {"idp.example.com"}
    assert token["before"] is None
    # The tokens of an old moment have all expired: their entry has ended already.
    assert [one["name"] for one in room.data("revoke", "list")] == ["t1", "alice"]
    assert "the token `t1`" in room.run("revoke", "list")


def test_nothing_is_revoked_without_a_yes(room: Room) -> None:
    room.run("revoke", "subject", "alice", status=2)
    assert "from now on refused: tokens of `alice`" in room.err
    assert "nothing was changed" in room.err


def test_an_unknown_issuer_is_told_with_those_that_are_known(room: Room) -> None:
    room.run("revoke", "token", "t1", "--issuer", "other", "--yes", status=2)
    assert "`idp.example.com`" in room.err
    named = room.data("revoke", "token", "t1", "--issuer", "https://idp.example.com", "--yes")
    assert named["issuer"] == "idp.example.com"


def test_the_config_of_a_mount_needs_no_upstream(room: Room) -> None:
    file = room.folder / "bartizan.yaml"
    file.write_text(file.read_text().replace("upstream: http://127.0.0.1:8000\n", ""))
    assert room.data("revoke", "token", "t1", "--yes")["issuer"] == "idp.example.com"
