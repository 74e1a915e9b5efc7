"""Seeded mistakes in config and document: the goals of `check`, measured."""

from __future__ import annotations

from pathlib import Path

from tests.mistakes.judge import checked, figures, judged, write_site
from tests.mistakes.seeds import mistakes


def test_the_sound_site_has_nothing_to_tell(tmp_path: Path) -> None:
    assert checked(write_site(tmp_path)) == (0, (), "")


def test_mistakes_are_told_once_at_their_line_with_a_hint_that_mends(tmp_path: Path) -> None:
    seeded = mistakes()
    assert len(seeded) >= 200
    found = figures(judged(one, tmp_path) for one in seeded)
    assert found.crashed == 0
    assert found.right_line >= 0.98
    assert found.single >= 0.98
    assert found.mended >= 0.90
