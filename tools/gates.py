"""Run the gates of `make test` in two lanes, one a core, with a line for each.

A gate is a command; its whole output goes to target/gates/NAME.log and is shown when it fails.
Usage: python tools/gates.py [--only lint|test|conformance] [NAME ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "gates"
PROGRESS_S = 20
PYTEST = (sys.executable, "-m", "pytest", "-q")
LONGEST = ("--durations=15",)
APART = ("contract", "journey", "unit")
# One profile for the extension, the tests and clippy: their build scripts run once.
CARGO_FLAGS = ("--release", "--locked", "--workspace")


@dataclass(frozen=True, slots=True)
class Gate:
    """One command that must end with 0."""

    name: str
    lane: str
    kind: str
    command: tuple[str, ...]


GATES = (
    Gate("rust-format", "rust", "lint", ("cargo", "fmt", "--all", "--check")),
    Gate(
        "clippy",
        "rust",
        "lint",
        ("cargo", "clippy", *CARGO_FLAGS, "--all-targets", "--", "-D", "warnings"),
    ),
    Gate("rust-tests", "rust", "test", ("cargo", "test", *CARGO_FLAGS)),
    Gate("python-format", "python", "lint", (sys.executable, "-m", "ruff", "format", "--check")),
    Gate("python-lint", "python", "lint", (sys.executable, "-m", "ruff", "check")),
    Gate("types", "python", "lint", (sys.executable, "-m", "mypy")),
    Gate(
        "stubs",
        "python",
        "lint",
        (sys.executable, "-m", "mypy.stubtest", "bartizan._core.native"),
    ),
    Gate("contracts", "python", "lint", (*PYTEST, "tests/contract")),
    Gate("unit", "python", "test", (*PYTEST, "tests/unit")),
    Gate(
        "journeys",
        "python",
        "test",
        (*PYTEST, "tests/journey", "-m", "not slow", *LONGEST),
    ),
    # In the other lane, which would be idle: it needs the extension, not the Rust tests.
    Gate(
        "whole",
        "rust",
        "test",
        (*PYTEST, "tests", *(f"--ignore=tests/{one}" for one in APART), "-m", "not slow", *LONGEST),
    ),
    Gate("slow", "python", "conformance", (*PYTEST, "tests", "-m", "slow")),
    Gate(
        "rust-slow",
        "rust",
        "conformance",
        ("cargo", "test", *CARGO_FLAGS, "--", "--ignored"),
    ),
    Gate("fuzz", "rust", "conformance", ("tools/fuzz", "60")),
)


class Board:
    """What has ended so far; lines from two lanes never mix."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.failed: list[Gate] = []
        self.passed: list[Gate] = []

    def say(self, line: str) -> None:
        """One whole line on the terminal."""
        with self._lock:
            print(line, flush=True)

    def close(self, gate: Gate, code: int, seconds: float) -> None:
        """The gate has ended with `code`."""
        (self.failed if code else self.passed).append(gate)
        word = "FAIL" if code else "ok"
        self.say(f"{word:4} {gate.name:14} {seconds:6.1f} s  {closing_line(gate)}")


def closing_line(gate: Gate) -> str:
    """The sentence with which the runner of the tests ends, if the gate has one."""
    lines = log_of(gate).read_text(encoding="utf-8", errors="replace").splitlines()
    counts = [line for line in lines if line.startswith("test result:")]
    if counts:
        passed = sum(int(line.split()[3]) for line in counts)
        failed = sum(int(line.split()[5]) for line in counts)
        return f"test result: {passed} passed; {failed} failed"
    return next((line for line in reversed(lines) if line.strip()), "")[:100]


def log_of(gate: Gate) -> Path:
    """Where the whole output of the gate stands."""
    return LOGS / f"{gate.name}.log"


def run(gate: Gate, board: Board) -> None:
    """Run one gate to its end, with a sign of life every PROGRESS_S seconds."""
    started = time.monotonic()
    environment = {**os.environ, "CARGO_TERM_COLOR": "never", "NO_COLOR": "1"}
    with log_of(gate).open("wb") as log:
        process = subprocess.Popen(
            gate.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        code = None
        while code is None:
            try:
                code = process.wait(PROGRESS_S)
            except subprocess.TimeoutExpired:
                board.say(f"..   {gate.name:14} {time.monotonic() - started:6.0f} s  running")
    # Pytest says 5 when a folder holds no test yet: nothing has failed then.
    nothing = code == 5 and "pytest" in gate.command  # noqa: PLR2004
    board.close(gate, 0 if nothing else code, time.monotonic() - started)


def run_lane(gates: Sequence[Gate], board: Board) -> None:
    """Run the gates of one lane, one after the other; a failure does not stop the next."""
    for gate in gates:
        run(gate, board)


def chosen(only: str | None, names: Sequence[str]) -> tuple[Gate, ...]:
    """The gates that the arguments ask for; without any, those of `make test`."""
    if names:
        return tuple(gate for gate in GATES if gate.name in names)
    kinds = (only,) if only else ("lint", "test")
    return tuple(gate for gate in GATES if gate.kind in kinds)


def main(arguments: Sequence[str]) -> int:
    """Run the chosen gates; 0 when all have passed."""
    parser = argparse.ArgumentParser(description="run the gates of `make test`")
    parser.add_argument("--only", choices=("lint", "test", "conformance"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="run only these gates")
    options = parser.parse_args(arguments)
    LOGS.mkdir(parents=True, exist_ok=True)
    gates, board = chosen(options.only, options.names), Board()
    lanes = [
        threading.Thread(
            target=run_lane, args=([gate for gate in gates if gate.lane == lane], board)
        )
        for lane in ("rust", "python")
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    for gate in board.failed:
        tail = log_of(gate).read_text(encoding="utf-8", errors="replace").splitlines()[-120:]
        print(f"\n---- {gate.name}: {' '.join(gate.command)}", *tail, sep="\n")
    print(f"\n{len(board.passed)} passed, {len(board.failed)} failed")
    return 1 if board.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
