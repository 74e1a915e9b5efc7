from __future__ import annotations

import bartizan
from bartizan import _core


def test_package_and_compiled_core_have_one_version() -> None:
    assert bartizan.__version__ == _core.version()
