"""`python -m tests.mistakes`: the figures, and every mistake that falls short."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.mistakes.judge import figures, judged
from tests.mistakes.seeds import mistakes


def main() -> int:
    """Print what falls short, then the figures."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = [judged(one, Path(folder)) for one in mistakes()]
    for one in verdicts:
        if one.has_right_line and one.is_single and one.is_mended and not one.has_crashed:
            continue
        marks = (one.has_right_line, one.is_single, one.is_mended)
        said = "; ".join(f"{d.line}: [{d.code}] {d.message} ({d.hint})" for d in one.told)
        flags = "".join("LMH"[i] if mark else "-" for i, mark in enumerate(marks))
        wanted = ",".join(map(str, sorted(one.mistake.lines)))
        print(f"{flags} {one.mistake.file} {one.mistake.name} @{wanted}: {said or one.talk}")
    print(figures(verdicts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
