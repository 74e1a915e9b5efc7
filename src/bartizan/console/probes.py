"""Reference ids of the requests that `bartizan doctor` sent, so that `report` leaves them out.

Known by id alone: anything that a request says of itself could be said by an attacker, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "probes"
KEPT_MAX = 10_000
"""As many as one a minute gives in the time that refusals are kept, and far more."""


def remember(state: Path, ref: str) -> bool:
    """Adds an id to the file of the state directory, newest last; False where that cannot be."""
    lines = [*_lines(state), ref][-KEPT_MAX:]
    fresh = state / f"{FILE}.new"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{line}\n" for line in lines)
        fresh.replace(state / FILE)
    except OSError:
        return False
    return True


def sent(state: Path) -> frozenset[str]:
    """The ids that are known."""
    return frozenset(_lines(state))


def _lines(state: Path) -> list[str]:
    try:
        return (state / FILE).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
