import os
from pathlib import Path

import pytest

from bartizan.console import probes
from bartizan.console.probes import is_ours, remember, sending, sent


def test_ids_are_known_once_they_are_remembered_and_for_the_owner_alone(tmp_path: Path) -> None:
    assert sent(tmp_path) == frozenset()
    assert remember(tmp_path, "a")
    assert remember(tmp_path, "b")
    assert sent(tmp_path) == {"a", "b"}
    assert (tmp_path / probes.FILE).stat().st_mode & 0o777 == 0o600


def test_the_oldest_are_forgotten_beyond_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "KEPT_MAX", 2)
    for ref in "abc":
        remember(tmp_path, ref)
    assert sent(tmp_path) == {"b", "c"}


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    assert not remember(tmp_path / "nowhere", "a")
    assert sent(tmp_path / "nowhere") == frozenset()


def test_who_reads_along_waits_for_a_probe_under_way_and_for_no_longer(tmp_path: Path) -> None:
    looks: list[float] = []
    assert not is_ours(tmp_path, "a", looks.append)
    assert looks == []

    def kept(_pause: float) -> None:
        looks.append(_pause)
        remember(tmp_path, "a")

    with sending(tmp_path):
        assert is_ours(tmp_path, "a", kept)
        assert len(looks) == 1
        assert not is_ours(tmp_path, "b", looks.append)
        assert len(looks) == 1 + probes.LOOKS_MAX
    assert not (tmp_path / probes.UNDER_WAY).exists()
    with sending(tmp_path / "nowhere"):
        pass


def test_a_mark_that_a_killed_probe_left_keeps_nobody_waiting(tmp_path: Path) -> None:
    with sending(tmp_path):
        os.utime(tmp_path / probes.UNDER_WAY, (1, 1))
        looks: list[float] = []
        assert not is_ours(tmp_path, "a", looks.append)
        assert looks == []
