"""A folder in which `bartizan keys` and `revoke` are run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bartizan.console.cli import main

CONFIG = """\
upstream: http://127.0.0.1:8000
auth:
  oidc: https://idp.example.com
  audience: api
  api_keys: { issued: true }
"""


@dataclass
class Room:
    """Runs verbs and keeps what they said."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    err: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        return ("--config", str(self.folder / "bartizan.yaml"), "--state", str(self.folder / "s"))

    def run(self, *words: str, status: int = 0) -> str:
        assert main([*words, *self.places]) == status
        out, self.err = self.capsys.readouterr()
        return out

    def data(self, *words: str, status: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", status=status))

    def create(self, *words: str) -> dict[str, Any]:
        made: dict[str, Any] = self.data("keys", "create", "--owner", "partner", *words)
        return made


def room_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    (folder / "bartizan.yaml").write_text(CONFIG)
    return Room(folder, capsys)
