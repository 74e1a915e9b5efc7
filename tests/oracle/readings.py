"""Programs of the Rust workspace that tell how our readers read, one JSON line for each input."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def answers(root: Path, example: str, lines: Iterable[str]) -> list[Any]:
    """What the example says to each line, in order.

    Built as the other tests are (whole workspace, one profile): nothing is compiled twice.
    """
    profile = os.environ.get("BARTIZAN_CARGO_PROFILE", "release")
    command = ["cargo", "build", "--quiet", "--locked", "--profile", profile]
    subprocess.run([*command, "--workspace", "--example", example], cwd=root, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    program = target / ("debug" if profile == "dev" else profile) / "examples" / example
    run = subprocess.run(
        [program], input="".join(lines), capture_output=True, text=True, check=True
    )
    return [json.loads(answer) for answer in run.stdout.rstrip("\n").split("\n")]
