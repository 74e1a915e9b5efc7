"""Lifespan: an event loop on a thread, where an ASGI app starts up, is asked, and shuts down."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bartizan.gateway.messages import App, Message

PATIENCE_S = 60.0


class LifespanFault(Exception):
    """The app did not start up or shut down; says why."""


class Lifespan:
    """Of one app. state: what the app keeps for its Requests."""

    def __init__(self, app: App, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._told: list[Message] = []
        self._changed = asyncio.Event()
        self._asks: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def run(self, asked: Coroutine[Any, Any, None]) -> None:
        """Waits for `asked` on the loop of the app. Raises what it raises, TimeoutError."""
        asyncio.run_coroutine_threadsafe(asked, self._loop).result(PATIENCE_S)

    def start(self) -> None:
        """Starts the app up; one without lifespan needs none. Raises LifespanFault."""
        self._thread.start()
        try:
            self.run(self._tell("startup"))
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Shuts the app down and ends the loop. Raises LifespanFault."""
        try:
            self.run(self._tell("shutdown"))
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    async def _tell(self, phase: str) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._live())
        if not self._task.done():
            self._changed.clear()
            await self._asks.put({"type": f"lifespan.{phase}"})
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({self._task, changed}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        if self._task.done() and not self._told:
            self._task.exception()  # An app that knows no lifespan says so by this.
        if self._told and self._told[-1]["type"].endswith(".failed"):
            raise LifespanFault(str(self._told[-1].get("message", phase)))
        if phase == "shutdown":
            await asyncio.wait({self._task})
            if self._told:
                self._task.result()

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self._state}
        await self._app(scope, self._asks.get, self._hear)

    async def _hear(self, message: Message) -> None:
        self._told.append(message)
        self._changed.set()
