"""Small configs and readings for the tests of the policy room."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.config import Config, Overrides, load
from bartizan.policy.reading import Reading


def configured(text: str, environ: Mapping[str, str] | None = None) -> Config:
    """The config in `text` below an upstream."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bartizan.yaml"
        path.write_text("upstream: http://127.0.0.1:8000\n" + text, "utf-8")
        return load(path, overrides=Overrides(), environ=environ or {})


def refused(text: str) -> list[tuple[str, int]]:
    """Codes and lines of the faults of the config in `text`; the upstream is line 1."""
    with pytest.raises(Fault) as raised:
        configured(text)
    return [(one.code, one.line) for one in raised.value.diagnostics]


def reading(origins: Mapping[str, str] | None = None) -> Reading:
    """A reading of no file."""
    return Reading(document=None, base=Path("conf"), origins=origins or {})
