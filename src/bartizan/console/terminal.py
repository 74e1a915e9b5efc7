"""The two streams of a command: data to one, talk to the other; colour only for people."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLEAN, FOUND, USAGE, BROKEN = 0, 1, 2, 3

PROGRESS_AFTER_S = 1.0


class Stopped(Exception):  # noqa: N818, it stops the command; it need not be an error of the user
    """Ends a command with one message, perhaps a hint, and an exit status."""

    def __init__(self, message: str, *, hint: str = "", status: int = USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.status = status


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command writes. out: data. err: talk and progress."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    environ: Mapping[str, str] = field(default_factory=dict)

    def put(self, text: str) -> None:
        """A line of data."""
        print(text, file=self.out, flush=True)

    def put_json(self, data: object) -> None:
        """Data as one line of JSON."""
        self.put(json.dumps(data, ensure_ascii=False))

    def say(self, text: str) -> None:
        """A line of talk."""
        print(text, file=self.err, flush=True)

    @property
    def is_colourful(self) -> bool:
        """Whether data may be coloured: a person looks at it and did not say `NO_COLOR`."""
        return self._colourful(self.out)

    @property
    def talk_is_colourful(self) -> bool:
        """Whether talk may be coloured."""
        return self._colourful(self.err)

    def _colourful(self, stream: TextIO) -> bool:
        dumb = self.environ.get("TERM") == "dumb"
        return stream.isatty() and not self.environ.get("NO_COLOR") and not dumb

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[None]:
        """Says `title` once the work inside has taken a second; moving dots for people."""
        done = threading.Event()
        teller = threading.Thread(target=self._tell, args=(title, done), daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()

    def _tell(self, title: str, done: threading.Event) -> None:
        if done.wait(PROGRESS_AFTER_S):
            return
        if not self.err.isatty():
            self.say(f"{title} ...")
            return
        dots = 0
        while not done.wait(0.4):
            dots = dots % 3 + 1
            self.err.write(f"\r{title} {'.' * dots:<3}")
            self.err.flush()
        self.err.write("\r\033[K")
        self.err.flush()
