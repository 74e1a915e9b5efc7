"""Reference ids of the requests that `bartizan doctor` sent: no traffic of the owner's clients.

Known by id alone: anything that a request says of itself could be said by an attacker, too.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from bartizan.console.lifecycle import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE = "probes"
UNDER_WAY = "probes.sending"
LOOKS_MAX, LOOK_S = 100, 0.02
"""How often, and how far apart, it is looked whether a probe under way has its id by now."""
STALE_S = 30.0
"""No probe takes that long: a mark as old as that was left by one that was killed."""
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


@contextlib.contextmanager
def sending(state: Path) -> Iterator[None]:
    """While a probe is under way and its id not kept yet; whoever reads along waits for that."""
    mark = state / UNDER_WAY
    with contextlib.suppress(OSError):
        mark.touch(mode=0o600)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            mark.unlink()


def is_ours(state: Path, ref: str, pause: Callable[[float], None] = time.sleep) -> bool:
    """Whether this id is one of them. Blocks for some seconds at most, while one is under way."""
    for _look in range(LOOKS_MAX):
        if ref in sent(state):
            return True
        if not _is_under_way(state):
            # It may have been kept between the two looks.
            return ref in sent(state)
        pause(LOOK_S)
    return False


def _is_under_way(state: Path) -> bool:
    try:
        return now_ms() / 1000 - (state / UNDER_WAY).stat().st_mtime < STALE_S
    except OSError:
        return False


def sent(state: Path) -> frozenset[str]:
    """The ids that are known."""
    return frozenset(_lines(state))


def _lines(state: Path) -> list[str]:
    try:
        return (state / FILE).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
