from pathlib import Path

from bartizan.gateway.watch import Watch, stamp


def test_a_written_file_is_seen_once(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a")
    watch = Watch([file])
    assert watch.changed() == []
    file.write_text("longer")
    assert watch.changed() == [file]
    assert watch.changed() == []


def test_a_file_that_an_editor_replaces_is_seen_when_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a")
    watch = Watch([file])
    file.unlink()
    assert watch.changed() == []
    file.write_text("b!")
    assert watch.changed() == [file]


def test_files_can_be_exchanged(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("a")
    watch = Watch([old])
    new.write_text("b")
    watch.follow([new])
    old.write_text("changed")
    assert watch.changed() == []
    new.write_text("changed")
    assert watch.changed() == [new]


def test_a_missing_file_has_no_stamp(tmp_path: Path) -> None:
    assert stamp(tmp_path / "none") is None
