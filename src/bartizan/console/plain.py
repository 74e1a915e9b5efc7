"""The config as plain data, for the verbs that must work even when it is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from pathlib import Path


def plain_config(path: Path | None) -> dict[str, object]:
    """What the file says, unchecked; {} where there is none or it cannot be read."""
    if path is None:
        return {}
    from bartizan.policy.document import read

    try:
        data = read(str(path), path.read_bytes()).data
    except (OSError, Fault):
        return {}
    return dict(data) if isinstance(data, dict) else {}
