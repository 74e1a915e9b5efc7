"""Base: what the mounts of this process share: one Guard, compiled at start-up.

Where the server tells of no start, it is compiled at the first Request.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, ClassVar
from weakref import WeakMethod

from bartizan.gateway.ending import at_end, listen
from bartizan.gateway.guard import Choice, Guard, compile_guard


def say(line: str) -> None:
    """One line for the operator."""
    sys.stderr.write(f"bartizan: {line}\n")


class Base:
    """An app behind one Guard. Attributes that are not its own are those of the app."""

    gaps: ClassVar[tuple[str, ...]] = ()

    def __init__(self, app: Any, choice: Choice) -> None:
        self.app = app
        self._choice = choice
        self._guard: Guard | None = None
        self._fault = ""
        self._is_said = False
        self._opening = threading.Lock()
        self._of_parent: Guard | None = None
        forked = WeakMethod(self._forked)
        listen()
        os.register_at_fork(after_in_child=lambda: (call := forked()) and call())

    def _forked(self) -> None:
        """In a child: threads do not cross a fork, so the guard of the parent follows nothing.

        It is kept, unused: its connections are the parent's, and are not closed here.
        """
        self._of_parent, self._guard = self._guard, None
        self._opening = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    @property
    def fault(self) -> str:
        """Why there is no Guard; empty until that is so."""
        return self._fault

    def opened(self) -> Guard | None:
        """The Guard, compiled where that was not done yet; says nothing."""
        with self._opening:
            if self._guard is None and not self._fault:
                try:
                    self._guard = compile_guard(self._choice, self.app, os.environ, say)
                except Exception as fault:  # noqa: BLE001, whatever it is: nothing is let through
                    self._fault = str(fault) or repr(fault)
                else:
                    # Servers that tell of no end would lose the last Events.
                    at_end(self._guard.stop)
            return self._guard

    def _open(self) -> Guard | None:
        """`opened`, and once a word of what it covers or why it failed."""
        from bartizan.gateway.coverage import coverage

        guard = self.opened()
        with self._opening:
            is_said, self._is_said = self._is_said, True
        if is_said:
            return guard
        if guard is None:
            say(f"cannot start, every request is refused:\n{self._fault}")
        else:
            for line in coverage(guard, self.gaps):
                say(line)
        return guard
