"""Folders, APIs and guards for the journeys; whatever was started is stopped by its pid."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journey.api import Api
from tests.journey.guard import ANYWHERE, Guard

GuardMaker = Callable[..., Guard]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty folder with a short path: a Unix socket takes 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="bz-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


@pytest.fixture(scope="module")
def up() -> Iterator[GuardMaker]:
    """Starts `bartizan up` with a config: `up(api, **config)`."""
    guards: list[Guard] = []
    folders: list[Path] = []

    def start(api: Api, **config: Any) -> Guard:
        folder = Path(tempfile.mkdtemp(prefix="bz-"))
        folders.append(folder)
        write_config(folder, api, config)
        guard = Guard(folder, ["--config", str(folder / "bartizan.yaml")])
        guards.append(guard)
        return guard

    yield start
    for guard in guards:
        guard.stop()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def write_config(folder: Path, api: Api, config: dict[str, Any]) -> None:
    """Writes `bartizan.yaml`: enforcing, on ports that the system chooses, unless said."""
    usual = {
        "upstream": api.url,
        "mode": "enforce",
        "listen": ANYWHERE,
        "admin": ANYWHERE,
        "state": str(folder / ".bartizan"),
    }
    (folder / "bartizan.yaml").write_text(yaml.safe_dump(usual | config), encoding="utf-8")
