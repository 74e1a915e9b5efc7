"""The end of a process around a mount: the last Events are written first.

Interpreters run `atexit` at their end, except where SIGTERM ends them and nobody handles it, as
with waitress and with uvicorn behind its own wind-down.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_STOPS: list[Callable[[], None]] = []


def at_end(stop: Callable[[], None]) -> None:
    """`stop` is called once more before this process ends. It may be called twice."""
    atexit.register(stop)
    _STOPS.append(stop)


def listen() -> None:
    """From now on SIGTERM ends this process as ever, after every `stop`.

    Does nothing where somebody else handles the signal, or away from the main thread. A server
    that sets a handler later replaces this one.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_signal)


def _on_signal(number: int, _frame: FrameType | None) -> None:
    """On a thread: what was interrupted may hold a lock that the writing needs."""
    signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end, args=(number,), name="bartizan-end").start()


def _end(number: int) -> None:
    for stop in _STOPS:
        stop()
    os.kill(os.getpid(), number)
