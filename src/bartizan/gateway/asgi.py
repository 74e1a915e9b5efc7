"""`protect`: Bartizan inside an ASGI app (FastAPI, Starlette, Litestar, Quart, ...), as one layer.

Nothing of a framework is imported; the config and its document are compiled at start-up, or at the
first Request where the server runs no lifespan.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.gateway import messages
from bartizan.gateway.guard import Choice, Guard, compile_guard, now
from bartizan.gateway.passage import Passage, look_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.gateway.messages import App, Message, Receive, Scope, Send

POLICY_VIOLATION = 1008


def say(line: str) -> None:
    """One line for the operator."""
    sys.stderr.write(f"bartizan: {line}\n")


def protect(
    app: App,
    config: str | os.PathLike[str] | None = None,
    openapi: str | os.PathLike[str] | Mapping[str, object] | None = None,
    mode: str | None = None,
) -> Mount:
    """`app` with Bartizan in front of it, as an ASGI app.

    config: a `bartizan.yaml`; without it the one in the working directory, else safe defaults.
    openapi: a document (path, URL or dict); else that of the config, else `app.openapi()`.
    mode: `shadow` or `enforce`, above the config. Nothing is read before start-up; what is wrong
    then stops the start, or answers each Request with 500: the app is never reached unchecked.
    """
    path = None if config is None else Path(config)
    document = str(openapi) if isinstance(openapi, os.PathLike) else openapi
    return Mount(app, Choice(path, document, mode))


class Mount:
    """An app behind one Guard. Attributes that are not its own are those of the app."""

    def __init__(self, app: App, choice: Choice) -> None:
        self.app = app
        self._choice = choice
        self._guard: Guard | None = None
        self._fault = ""
        self._opening = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of the server."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(scope, receive, send)
            return
        guard = self._guard or await asyncio.to_thread(self._open)
        if kind == "http" and guard is not None:
            await Passage(guard, scope, receive, send).run(self.app)
        elif kind == "http":
            for message in messages.BROKEN:
                await send(message)
        elif kind == "websocket":
            await self._websocket(guard, scope, receive, send)
        else:
            raise ValueError(f"ASGI scope `{kind}` is not known, so it is not let through")

    def _open(self) -> Guard | None:
        """The Guard, compiled once; None when that failed, which was said then."""
        from bartizan.gateway.coverage import coverage

        with self._opening:
            if self._guard is None and not self._fault:
                try:
                    guard = compile_guard(self._choice, self.app, os.environ, say)
                except Exception as fault:  # noqa: BLE001, whatever it is: nothing is let through
                    self._fault = str(fault) or repr(fault)
                    say(f"cannot start, every request is refused:\n{self._fault}")
                else:
                    for line in coverage(guard, self.app):
                        say(line)
                    self._guard = guard
            return self._guard

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The lifespan is the app's; its start-up completes when the Guard stands."""

        async def answered(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete" and not await asyncio.to_thread(self._open):
                message = {"type": "lifespan.startup.failed", "message": self._fault}
            elif kind.startswith("lifespan.shutdown") and self._guard is not None:
                await asyncio.to_thread(self._guard.stop)
            await send(message)

        await self.app(scope, receive, answered)

    async def _websocket(
        self, guard: Guard | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The handshake is judged as the GET it is; what is refused is never accepted."""
        if guard is None:
            await _close(receive, send)
            return
        exchange = guard.open(messages.peer_of(scope))
        try:
            fields = messages.handshake(scope)
            step = exchange.head(b"GET", messages.target_of(scope), fields, 0, now())
            step = await look_up(guard, exchange, step)
            if step.kind != "forward":
                await _close(receive, send)
                return
            _, target, fields, _, _ = step.forward()
            await self.app(messages.scope_of(scope, target, fields, None), receive, send)
        finally:
            guard.close(exchange, "complete")


async def _close(receive: Receive, send: Send) -> None:
    """Before the accept: the server answers 403."""
    await receive()
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
