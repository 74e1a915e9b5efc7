"""The life of a process: its clock, its signals, its event loop. Only here is the clock read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from bartizan.console.terminal import BROKEN, CLEAN, USAGE, Stopped
from bartizan.gateway.serve import Control, GatewayFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.gateway.link import Listening
    from bartizan.gateway.tail import Tail


def now_ms() -> int:
    """Milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def seed() -> bytes:
    """16 bytes that nobody can guess."""
    return os.urandom(16)


def entropy(count: int) -> bytes:
    """Bytes that nobody can guess."""
    return os.urandom(count)


def stop_like_interrupt() -> None:
    """From now on SIGTERM and SIGINT end what runs by KeyboardInterrupt.

    SIGINT too: a shell starts background jobs with it ignored, and Python keeps that.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def serve(make: Callable[[], Control], tail: Tail, announce: Callable[[Control], None]) -> int:
    """Runs a control process until SIGTERM or SIGINT; SIGHUP reloads. Gives its exit status.

    make: called inside the event loop. announce: called once everything is ready.
    Raises Stopped when the gateway process cannot be had.
    """
    try:
        return asyncio.run(_serve(make, tail, announce))
    except GatewayFault as fault:
        raise Stopped(str(fault), status=USAGE if fault.is_config else BROKEN) from fault


async def _serve(
    make: Callable[[], Control], tail: Tail, announce: Callable[[Control], None]
) -> int:
    control = make()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, control.stop)
    loop.add_signal_handler(signal.SIGHUP, control.reload)
    await tail.open()
    try:
        if await _started(control) is None:
            return CLEAN
        announce(control)
        return await control.run()
    finally:
        tail.close()


async def _started(control: Control) -> Listening | None:
    """The addresses once it serves; None when a signal came first."""
    starting = asyncio.create_task(control.start())
    stopped = asyncio.create_task(control.stopped())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        stopped.cancel()
        return starting.result()
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError, GatewayFault):
        await starting
    return None
