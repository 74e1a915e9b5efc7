"""What a test declares with `owns` is no fault of the apps of other tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bartizan.gateway.ownership import NEEDED


@pytest.fixture(autouse=True)
def _own_declarations() -> Iterator[None]:
    before = dict(NEEDED)
    NEEDED.clear()
    yield
    NEEDED.clear()
    NEEDED.update(before)
