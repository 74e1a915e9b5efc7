from pathlib import Path

import pytest

from bartizan.console.cli.rewrite import difference, is_agreed, scratch, write
from bartizan.console.terminal import Stopped, Terminal


def test_a_difference_shows_what_goes_and_what_comes() -> None:
    shown = difference("a.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n", "mended")
    assert shown.splitlines() == [
        "--- a.yaml", "+++ a.yaml (mended)", "@@ -1,2 +1,2 @@", " a: 1", "-b: 2", "+b: 3",
    ]  # fmt: skip
    assert "\033[32m+b: 3" in difference("a", "b: 2", "b: 3", "mended", colour=True)


def test_what_steers_a_terminal_is_written_out() -> None:
    assert "\033" not in difference("a", "x", "\033[31m", "mended")


def test_nobody_at_a_terminal_agrees_to_nothing() -> None:
    assert not is_agreed(Terminal(), "write it?")


def test_a_file_is_written_whole_with_its_rights_and_through_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "real.yaml", tmp_path / "bartizan.yaml"
    file.write_text("a: 1\n")
    file.chmod(0o640)
    link.symlink_to(file)
    write(link, "a: ä\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == "a: ä\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_gone_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="cannot be written"):
        write(tmp_path / "gone" / "a.yaml", "")
    with pytest.raises(Stopped, match="cannot be written"), scratch(tmp_path / "gone" / "a", ""):
        pass


def test_a_scratch_file_stands_beside_and_is_gone_whatever_happens(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch(tmp_path / "a.yaml", "b: 1\n") as beside:
            read = beside.read_text()
            assert (beside.parent, beside.suffix, read) == (tmp_path, ".yaml", "b: 1\n")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert list(tmp_path.iterdir()) == []
