"""Which of the watched files changed: size and time of change, held against the last look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """What changes when a file changes (an editor's replace changes the inode); None if gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


class Watch:
    """Files and how they looked last time."""

    def __init__(self, files: Iterable[Path] = ()) -> None:
        self._seen = {path: stamp(path) for path in files}

    def changed(self) -> list[Path]:
        """Files that look different from last time. A file that is gone counts when it is back.

        Editors remove and write anew: a reload in between would only say that the file is missing.
        """
        now = {path: stamp(path) for path in self._seen}
        changed = [path for path, look in now.items() if look and look != self._seen[path]]
        self._seen.update({path: now[path] for path in changed})
        return changed

    def follow(self, files: Iterable[Path]) -> None:
        """Watches these files from now on; looks of files already watched are kept."""
        self._seen = {path: self._seen.get(path) or stamp(path) for path in files}
