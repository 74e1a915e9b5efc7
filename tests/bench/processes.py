"""Processes under measurement: their whole tree, its CPU time and its memory, from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_S = 20.0


@dataclass(frozen=True, slots=True)
class Stat:
    """One line of /proc/PID/stat: parent, and CPU seconds of itself and of reaped children."""

    parent: int
    own_s: float
    reaped_s: float


def read_stat(pid: int) -> Stat | None:
    """What /proc says of the process, or None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold blanks; the numbers begin behind the last one.
    fields = text.rpartition(")")[2].split()
    own, reaped = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
    return Stat(int(fields[1]), own / TICKS_PER_S, reaped / TICKS_PER_S)


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := read_stat(int(entry.name))):
            parents[int(entry.name)] = stat.parent
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def cpu_s(root: int) -> float:
    """CPU seconds, user and system, of the whole tree, its ended children included."""
    stats = [stat for pid in tree(root) if (stat := read_stat(pid))]
    return sum(stat.own_s + stat.reaped_s for stat in stats)


def memory_kib(root: int, field: str = "VmRSS") -> int:
    """Resident KiB of the whole tree (`VmRSS` now, `VmHWM` at the highest)."""
    total = 0
    for pid in tree(root):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
    return total


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once something listens; raise with the log when the process ends before."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    text = log.read_text(encoding="utf-8", errors="replace")[-4000:]
    message = f"{process.args!r} does not listen on {port}:\n{text}"
    raise RuntimeError(message)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], port: int, log: Path, folder: Path | None = None
) -> Iterator[int]:
    """The command as a process that listens on `port`; its pid; ended on the way out."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_port(port, process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
