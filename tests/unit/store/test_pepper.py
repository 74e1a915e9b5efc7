import stat
from pathlib import Path

from bartizan.store import pepper


def test_the_first_pepper_stands_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / pepper.FILE
    assert pepper.read(path) is None
    assert pepper.read_or_make(path, "aa" * 32).reveal() == "aa" * 32
    assert pepper.read_or_make(path, "bb" * 32).reveal() == "aa" * 32
    found = pepper.read(path)
    assert found is not None
    assert found.reveal() == "aa" * 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [pepper.FILE]
