"""Where the time of our own processes goes: user and system microseconds by thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.bench.gateway import STARTS, subjects, upstream
from tests.bench.load import drive
from tests.bench.processes import TICKS_PER_S, tree
from tests.bench.report import Table
from tests.bench.subjects import Subject

OURS = ("plain", "token", "everything")
TOLD_US = 0.1


def times(root: int) -> dict[tuple[int, str], tuple[int, int]]:
    """Ticks of user and system time by thread, named by process and thread."""
    found = {}
    for pid in tree(root):
        for task in Path(f"/proc/{pid}/task").iterdir():
            text = (task / "stat").read_text(encoding="utf-8", errors="replace")
            fields = text.rpartition(")")[2].split()
            name = text[text.index("(") + 1 : text.rindex(")")]
            found[int(task.name), name] = (int(fields[11]), int(fields[12]))
    return found


def run(*, seconds: int, say: Callable[[str], None]) -> list[Table]:
    """One window for each of our rows."""
    rows: list[list[str]] = []
    with upstream() as bench:
        by_server: dict[str, list[Subject]] = {name: [] for name in OURS}
        for subject in subjects(bench):
            by_server.get(subject.server, []).append(subject)
        for server, ours in by_server.items():
            with STARTS[server](bench) as door:
                for subject in ours:
                    say(f"    {subject.name}")
                    drive(subject.call, door.port, 1, bench.folder)
                    before = times(door.pid)
                    good = drive(subject.call, door.port, seconds, bench.folder).good
                    for key, after in times(door.pid).items():
                        start = before.get(key, (0, 0))
                        user, system = (
                            (end - begin) / TICKS_PER_S / good * 1e6
                            for end, begin in zip(after, start, strict=True)
                        )
                        if user + system > TOLD_US:
                            rows.append([subject.name, key[1], f"{user:.1f}", f"{system:.1f}"])
    return [Table("By thread", ["subject", "thread", "user us", "system us"], rows)]
