from __future__ import annotations

import pytest

from tests.contract.tree import ROOT
from tools.generate import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_as_its_source_says(name: str) -> None:
    path = ROOT / name
    assert path.is_file(), "run `make docs`"
    assert path.read_text("utf-8") == PAGES[name](), "run `make docs`"
