"""The two streams of a command: data to one, talk to the other; colour only for people."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping
    from typing import TextIO

CLEAN, FOUND, USAGE, BROKEN = 0, 1, 2, 3

PROGRESS_AFTER_S = 1.0


class Stopped(Exception):
    """Ends a command with one message, perhaps a hint, and an exit status."""

    def __init__(self, message: str, *, hint: str = "", status: int = USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.status = status


class Terminal:
    """Where a command writes. out: data. err: talk and progress.

    A plain class: dataclasses and json would add a third to the time of `bartizan version`.
    """

    __slots__ = ("environ", "err", "out")

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.environ = environ or {}

    def put(self, text: str) -> None:
        """A line of data."""
        print(text, file=self.out, flush=True)

    def put_json(self, data: object) -> None:
        """Data as one line of JSON."""
        import json

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
        import threading

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
