"""Interleaved rounds: each subject in turn, several times, in one run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.bench.load import drive
from tests.bench.processes import cpu_s, memory_kib
from tests.bench.prove import ask, failures
from tests.bench.subjects import Bench, Door, Subject

WARM_UP_S = 1


@dataclass(slots=True)
class Row:
    """The rounds of one subject."""

    subject: Subject
    cost_us: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p99_us: list[int] = field(default_factory=list)
    resident_kib: int = 0
    void: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Median CPU microseconds per good answer."""
        return statistics.median(self.cost_us) if self.cost_us else float("nan")


def dropped_events(door: Door) -> float:
    """Events that the gateway says it dropped; 0 for subjects that have no Events."""
    if door.admin is None:
        return 0
    lines = ask(door.admin, "GET", "/metrics").body.decode().splitlines()
    counts = [line for line in lines if "dropped" in line and not line.startswith("#")]
    if not counts:
        message = "the metrics name no count of dropped Events"
        raise RuntimeError(message)
    return sum(float(line.split()[-1]) for line in counts)


def one_round(row: Row, door: Door, bench: Bench, seconds: int) -> None:
    """Warm up, then one measured window."""
    call = row.subject.call
    drive(call, door.port, WARM_UP_S, bench.folder)
    dropped, before = dropped_events(door), cpu_s(door.pid)
    load = drive(call, door.port, seconds, bench.folder)
    spent = cpu_s(door.pid) - before
    row.resident_kib = max(row.resident_kib, memory_kib(door.pid))
    lost = dropped_events(door) - dropped
    if lost:
        row.void.append(f"{lost:.0f} Events dropped")
    if load.refused or load.broken:
        row.void.append(f"{load.refused} refused, {load.broken} broken")
    if load.good:
        row.cost_us.append(spent / load.good * 1e6)
        row.rate.append(load.good / load.duration_s)
        row.p99_us.append(load.p99_us)


def measure(
    subjects: Iterable[Subject],
    doors: Mapping[str, Door],
    bench: Bench,
    *,
    rounds: int,
    seconds: int,
    say: Callable[[str], None],
) -> list[Row]:
    """Prove, then measure all subjects in interleaved rounds."""
    rows = [Row(subject) for subject in subjects]
    # One proof for each server: a limit is used up by its own proof.
    proofs = {row.subject.server: row.subject.proofs for row in rows}
    failed = {name: failures(bench, doors[name].port, proofs[name]) for name in proofs}
    for row in rows:
        row.void += [f"no proof: {name}" for name in failed[row.subject.server]]
    for number in range(rounds):
        for row in rows:
            one_round(row, doors[row.subject.server], bench, seconds)
            cost = row.cost_us[-1] if row.cost_us else float("nan")
            say(f"    round {number + 1}/{rounds}  {row.subject.name:44} {cost:7.1f} us")
    return rows
