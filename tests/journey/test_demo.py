"""The guided tour, whole: the shop, the gateway process, every step on both sides."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from bartizan.console.cli import main; sys.exit(main())",
    "demo",
]
END_S = 90


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment with a temporary folder of its own, so that what is left behind shows."""
    # Short: a Unix socket's path has little room.
    with tempfile.TemporaryDirectory(prefix="d") as folder:
        yield {**os.environ, "TMPDIR": folder}


def left_behind(home: dict[str, str]) -> list[str]:
    """Files in the folder, and processes that name it."""
    folder = home["TMPDIR"]
    files = [str(file) for file in Path(folder).iterdir()]
    processes = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in words:
            processes.append(words)
    return files + processes


def test_every_step_of_the_tour_goes_as_told(home: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "--once", "--json"], env=home, capture_output=True, check=False, timeout=END_S
    )
    told = json.loads(done.stdout)
    assert [step for step in told["steps"] if step["deviations"]] == []
    assert (told["as_told"], done.returncode) == (True, 0)
    kinds = Counter(step["kind"] for step in told["steps"])
    assert kinds == {"refused": 12, "defused": 4, "honest": 6, "open": 5}
    refused = [step for step in told["steps"] if step["kind"] == "refused"]
    assert all(step["reason"] and step["reference"] for step in refused)
    assert left_behind(home) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_tour_that_is_stopped_leaves_nothing_behind(
    home: dict[str, str], number: signal.Signals
) -> None:
    # Whoever runs the tests may ignore these signals, and a child inherits that.
    fresh = ["env", "--default-signal=HUP,INT,TERM"]
    tour = subprocess.Popen(
        [*fresh, *COMMAND, "--once"], env=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert tour.stdout is not None
    with tour.stdout as out:
        out.readline()
        tour.send_signal(number)
        out.read()
    assert tour.wait(END_S) == 1
    assert left_behind(home) == []
