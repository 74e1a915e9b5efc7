import io
from pathlib import Path

import pytest

from bartizan.identity import leaks
from bartizan.identity.api_keys import write
from bartizan.identity.leaks import files_below, leaks_in

KEY = write("svc", "live", bytes(range(26)))[1].reveal()
FORGED = KEY[:-1] + ("x" if KEY[-1] != "x" else "y")


def places(data: bytes) -> list[tuple[int, int]]:
    return [(one.line, one.column) for one in leaks_in(io.BytesIO(data), "log")]


def test_a_key_is_told_by_line_and_column_and_never_shown() -> None:
    data = f"first\n  key={KEY} \n{KEY}".encode()
    assert places(data) == [(2, 7), (3, 1)]
    assert KEY not in repr(list(leaks_in(io.BytesIO(data), "log")))


def test_what_only_looks_like_a_key_is_no_finding() -> None:
    assert places(f"{FORGED}\nbtz_svc_live_\n{'A' * 500}\n".encode()) == []


@pytest.mark.parametrize("shift", range(0, 130, 7))
def test_a_key_is_found_once_wherever_a_piece_ends(
    shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "CHUNK_BYTES", 64)
    assert places(b"." * shift + b"\n" + KEY.encode() + b"\n") == [(2, 1)]


def test_folders_are_walked_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two").write_text(KEY)
    (tmp_path / "a").write_text(KEY)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert list(files_below([tmp_path])) == [tmp_path / "a", tmp_path / "b" / "two"]
    with pytest.raises(FileNotFoundError):
        list(files_below([tmp_path / "gone"]))
