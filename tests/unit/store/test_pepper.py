import stat
from pathlib import Path

from bartizan.store import pepper

A, B, C = ("aa" * 32, "bb" * 32, "cc" * 32)


def kept(path: Path) -> list[str]:
    return [one.reveal() for one in pepper.read(path)]


def test_the_first_pepper_stands_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / pepper.FILE
    assert pepper.read(path) == ()
    assert pepper.read_or_make(path, A).reveal() == A
    assert pepper.read_or_make(path, B).reveal() == A
    assert kept(path) == [A]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [pepper.FILE]


def test_a_rotation_keeps_the_one_before_and_no_older_one(tmp_path: Path) -> None:
    path = tmp_path / pepper.FILE
    pepper.read_or_make(path, A)
    pepper.rotate(path, B)
    assert kept(path) == [B, A]
    assert pepper.read_or_make(path, C).reveal() == B
    pepper.rotate(path, C)
    assert kept(path) == [C, B]
    pepper.drop_old(path)
    assert kept(path) == [C]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [pepper.FILE]


def test_the_id_of_a_pepper_tells_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / pepper.FILE
    pepper.read_or_make(path, A)
    pepper.rotate(path, B)
    (newest, _), (older, secret) = pepper.named(path)
    assert newest != older == pepper.id_of(secret)
    assert len(older) == 8
    assert older not in A
