"""Terminals that keep what is written, for the tests of the console."""

import io
from dataclasses import dataclass, field

from bartizan.console.terminal import Terminal


class Tty(io.StringIO):
    """A stream that says a person looks at it."""

    def isatty(self) -> bool:
        return True


@dataclass
class Kept:
    """A terminal and what came out of it."""

    environ: dict[str, str] = field(default_factory=dict)
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    @property
    def terminal(self) -> Terminal:
        return Terminal(self.out, self.err, self.environ)

    @property
    def data(self) -> str:
        return self.out.getvalue()

    @property
    def talk(self) -> str:
        return self.err.getvalue()
