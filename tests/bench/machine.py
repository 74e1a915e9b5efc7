"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from tests.bench.peers import BENCH_VENV, program


def processor() -> str:
    """The model name of the first CPU."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def first_line(*command: str) -> str:
    """The first line that a program says of itself, on either stream."""
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return next(iter((done.stdout + done.stderr).strip().splitlines()), "unknown")


def description() -> str:
    """One line on the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{os.cpu_count()} cores {processor()}, {memory:.0f} GiB, {kernel}"


def versions() -> list[str]:
    """The versions of all that was measured or did measure."""
    # PATH  version: COMMIT/VERSION/STATE/KIND/LIBRARY
    told = first_line(str(BENCH_VENV / "bin" / "envoy"), "--version")
    envoy = told.partition("version: ")[2].split("/")
    return [
        f"Python {platform.python_version()}",
        first_line("rustc", "--version"),
        first_line(program("nginx"), "-v").removeprefix("nginx version: "),
        first_line(program("haproxy"), "-v").partition(" - ")[0],
        f"Envoy {envoy[1] if len(envoy) > 1 else told}",
        first_line(program("wrk"), "-v").partition(" Copyright")[0],
    ]
