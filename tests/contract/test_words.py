from __future__ import annotations

import re
from pathlib import Path

from tests.contract.tree import ROOT, text_of, tracked

# Where packages come from is a setting of the machine, never of the tree.
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted|static\.crates|index\.crates|registry\.npmjs|repo1?\.maven"
    r"|deb\.debian|proxy\.golang|rubygems"
)
# Folders of one machine.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|work|farm)/[\w.]")
UNNUMBERED_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(?#\d)")
VAGUE_NAMES = re.compile(
    r"^\s*(?:async )?(?:def|class|pub fn|fn|struct|pub struct) (?:get_\w+|\w*(?:Manager|Helper)\b)",
    re.MULTILINE,
)
FILE_BYTES_MAX = 600_000
# This file names what it seeks.
OURSELVES = Path("tests/contract/test_words.py")


def found(pattern: re.Pattern[str], suffixes: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{file}:{number}: {line.strip()[:100]}"
        for file in tracked()
        if file != OURSELVES and (not suffixes or file.suffix in suffixes)
        for number, line in enumerate((text_of(file) or "").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_tracked_file_names_a_registry_host() -> None:
    assert found(REGISTRY_HOSTS) == []


def test_no_tracked_file_names_a_folder_of_one_machine() -> None:
    assert found(MACHINE_PATHS) == []


def test_every_todo_carries_an_issue_number() -> None:
    assert found(UNNUMBERED_TODO, (".py", ".rs", ".ts")) == []


def test_names_say_what_a_thing_does() -> None:
    # Tests may have to answer to names that others chose.
    product = [place for place in found(VAGUE_NAMES, (".py", ".rs")) if place[:4] != "test"]
    assert product == []


def test_nothing_built_or_bulky_is_tracked() -> None:
    bulky = [str(file) for file in tracked() if (ROOT / file).stat().st_size > FILE_BYTES_MAX]
    assert bulky == []
