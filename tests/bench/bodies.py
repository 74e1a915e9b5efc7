"""Large bodies: CPU for each MB of an upload and a download of 10 MB, and memory meanwhile."""

from __future__ import annotations

import contextlib
import socket
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import ours, peers
from tests.bench.processes import cpu_s, memory_kib
from tests.bench.report import Table
from tests.bench.store import FILE, FILE_BYTES, Reader, length_of, store
from tests.bench.subjects import Bench, Door, Start
from tests.bench.tokens import Issuer

TRANSFERS = 40
MB = 1_000_000
LARGEST_GROWTH_KIB = 6_000
"""Buffers may grow by this much while bodies of 10 MB pass; a body that is held would show."""
STARTS: dict[str, Start] = {
    "nginx": peers.nginx_streaming,
    "HAProxy": peers.haproxy,
    "Bartizan": ours.files,
}
NOTE = (
    "Bodies of 10 MB, one after the other on one connection, streamed (nginx without its own "
    "buffering), interleaved rounds. Cost = user + system CPU time of all processes of the subject "
    "for each MB. Growth = resident memory at its highest meanwhile above that before; above "
    "6 MiB a row is void."
)


@dataclass(slots=True)
class Row:
    """The rounds of one subject in one direction."""

    server: str
    way: str
    cost_us: list[float] = field(default_factory=list)
    growth_kib: int = 0


class Caller:
    """One connection to a subject."""

    def __init__(self, port: int) -> None:
        self._stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._reader = Reader(self._stream)
        self._piece = b"\x5a" * 250_000

    def close(self) -> None:
        """Ends it."""
        self._stream.close()

    def download(self) -> int:
        """One GET; the bytes that came."""
        self._stream.sendall(f"GET {FILE} HTTP/1.1\r\nhost: bench\r\n\r\n".encode())
        head = self._reader.head()
        return self._reader.skip(length_of(head)) if b" 200 " in head else 0

    def upload(self) -> int:
        """One PUT; the bytes that went, if the answer is good."""
        kind = "content-type: application/octet-stream"
        head = f"PUT {FILE} HTTP/1.1\r\nhost: bench\r\n{kind}\r\ncontent-length: {FILE_BYTES}"
        self._stream.sendall(f"{head}\r\n\r\n".encode())
        for _ in range(FILE_BYTES // len(self._piece)):
            self._stream.sendall(self._piece)
        answer = self._reader.head()
        self._reader.skip(length_of(answer))
        return FILE_BYTES if b" 200 " in answer else 0


def one_round(row: Row, door: Door) -> None:
    """A transfer to warm up, then a window of them."""
    caller = Caller(door.port)
    with contextlib.closing(caller):
        move = caller.download if row.way == "download" else caller.upload
        moved = [move()]
        before, spent = memory_kib(door.pid), cpu_s(door.pid)
        with highest(door.pid) as seen:
            moved += [move() for _ in range(TRANSFERS)]
        spent = cpu_s(door.pid) - spent
    if set(moved) != {FILE_BYTES}:
        message = f"{row.server}: a {row.way} was not whole"
        raise RuntimeError(message)
    row.growth_kib = max(row.growth_kib, seen[0] - before)
    row.cost_us.append(spent / (TRANSFERS * FILE_BYTES / MB) * 1e6)


@contextlib.contextmanager
def highest(pid: int) -> Iterator[list[int]]:
    """The most resident KiB of the tree inside the block."""
    seen, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen[0] = max(seen[0], memory_kib(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def run(*, rounds: int, only: Sequence[str], say: Callable[[str], None]) -> list[Table]:
    """Start all subjects, measure both directions, stop them."""
    names = [name for name in STARTS if not only or name in only]
    rows = [Row(name, way) for way in ("upload", "download") for name in names]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bartizan-bench-")))
        bench = Bench(folder, stack.enter_context(store()), Issuer.fresh(), "")
        doors = {name: stack.enter_context(STARTS[name](bench)) for name in names}
        for number in range(rounds):
            for row in rows:
                one_round(row, doors[row.server])
                line = f"{row.server:10} {row.way:8} {row.cost_us[-1]:7.1f} us a MB"
                say(f"    round {number + 1}/{rounds}  {line}")
    return [table(rows)]


def table(rows: Sequence[Row]) -> Table:
    """The rows with their ratios to nginx in the same run."""
    base = {row.way: statistics.median(row.cost_us) for row in rows if row.server == "nginx"}
    cells = []
    for row in rows:
        median = statistics.median(row.cost_us)
        is_flat = row.growth_kib <= LARGEST_GROWTH_KIB
        cells.append([
            f"{row.server}, {row.way} of 10 MB",
            f"{median:.0f}",
            f"{min(row.cost_us):.0f} to {max(row.cost_us):.0f}",
            f"{median / base[row.way]:.2f}x" if base.get(row.way) else "",
            f"{row.growth_kib / 1024:.1f}",
            "" if is_flat else "void: memory is not flat",
        ])  # fmt: skip
    head = ["subject", "median us per MB", "range us", "ratio", "growth MiB", ""]
    return Table("Large bodies", head, cells, [NOTE])
