"""What the largest real documents cost: to be checked, and to be served."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import ours
from tests.bench.gateway import upstream
from tests.bench.processes import free_port, memory_kib, running
from tests.bench.report import Table
from tests.bench.subjects import Bench
from tests.documents.packages import DOCUMENTS, Document

LARGEST = ("github", "kubernetes", "rclone")
"""The largest found in OpenAPI 3.0, 2.0 and 3.1."""
TRIES = 3
SETTLE_S = 1.0
FOUND = 1
"""Exit code of `check` for a document that it has something to say about."""


def config(document: Document, upstream: int, port: int, admin: int) -> str:
    """Everything on that needs no secret."""
    return f"""
upstream: http://127.0.0.1:{upstream}
openapi: {document.path()}
mode: enforce
listen: 127.0.0.1:{port}
admin: 127.0.0.1:{admin}
workers: 1
state: state
operations: {{ '*': {{ security: none }} }}
"""


def checked(folder: Path) -> tuple[float, float]:
    """CPU seconds and peak MiB of one `bartizan check`."""
    command = [str(ours.COMMAND), "check", "--config", "bartizan.yaml"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, FOUND):
        raise RuntimeError(f"`check` ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measured(document: Document, bench: Bench, say: Callable[[str], None]) -> list[str]:
    """One row."""
    with tempfile.TemporaryDirectory(prefix="bartizan-bench-") as name:
        folder = Path(name)
        port, admin = free_port(), free_port()
        written = config(document, bench.upstream, port, admin)
        (folder / "bartizan.yaml").write_text(written, encoding="utf-8")
        runs = [checked(folder) for _ in range(TRIES)]
        command: list[str | Path] = [ours.COMMAND, "up", "--config", "bartizan.yaml"]
        with running(command, port, folder / "up.log", folder) as pid:
            time.sleep(SETTLE_S)
            resident = memory_kib(pid) / 1024
    seconds = statistics.median(cpu for cpu, _ in runs)
    peak = max(memory for _, memory in runs)
    say(f"    {document.name} {seconds:.2f} s, {peak:.0f} MiB, {resident:.0f} MiB served")
    size = document.path().stat().st_size / 2**20
    return [
        document.name,
        f"{document.operations:,}",
        f"{size:.1f}",
        f"{seconds:.2f}",
        f"{peak:.0f}",
        f"{resident:.0f}",
    ]


def run(say: Callable[[str], None]) -> list[Table]:
    """The largest real documents, one a row."""
    with upstream() as bench:
        rows = [measured(one, bench, say) for one in DOCUMENTS if one.name in LARGEST]
    head = [
        "document",
        "operations",
        "MiB on disk",
        "`check`, CPU seconds",
        "`check`, peak MiB",
        "`up` idle, gateway and control, MiB",
    ]
    return [Table("Largest real documents", head, rows)]
