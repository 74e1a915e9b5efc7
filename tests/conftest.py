"""Where the tests find the tree, other people's vectors, and their pace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run: a red test is never a matter of luck. `slow` digs deeper.
settings.register_profile(
    "fast",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("slow", settings.get_profile("fast"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the tree."""
    return ROOT


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Other people's test vectors, read in place beside the tree; never copied into it."""
    path = Path(os.environ.get("BARTIZAN_VECTORS", ROOT.parent / "shared" / "vectors"))
    if not path.is_dir():
        pytest.skip(f"no vectors at {path}; set BARTIZAN_VECTORS")
    return path
