"""The ASGI mount (FastAPI, Starlette, Litestar, Quart, Django): one layer, no task of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from bartizan.gateway import messages
from bartizan.gateway.coverage import ASGI
from bartizan.gateway.mount import Base
from bartizan.gateway.passage import Passage

if TYPE_CHECKING:
    from bartizan.gateway.messages import Message, Receive, Scope, Send


class Mount(Base):
    """An ASGI app behind one Guard."""

    gaps: ClassVar[tuple[str, ...]] = ASGI

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
            from bartizan.gateway.handshake import Handshake, refuse

            if guard is None:
                await refuse(messages.BROKEN, scope, receive, send)
            else:
                await Handshake(guard, scope, receive, send).run(self.app)
        else:
            raise ValueError(f"ASGI scope `{kind}` is not known, so it is not let through")

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The lifespan is the app's; its start-up completes when the Guard stands.

        Of an app that knows none (Django), which it says by raising at once, it is the mount's own:
        a Guard that cannot stand stops the start, and the last Events are written at the end.
        """
        is_asked = False

        async def asked() -> Message:
            nonlocal is_asked
            is_asked = True
            return await receive()

        async def answered(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete" and not await asyncio.to_thread(self._open):
                message = {"type": "lifespan.startup.failed", "message": self._fault}
            elif kind.startswith("lifespan.shutdown") and self._guard is not None:
                await asyncio.to_thread(self._guard.stop)
            await send(message)

        try:
            await self.app(scope, asked, answered)
        except Exception:
            if is_asked:
                raise
            await self._own_lifespan(receive, answered)

    async def _own_lifespan(self, receive: Receive, send: Send) -> None:
        for _phase in ("startup", "shutdown"):
            await send({"type": f"{(await receive())['type']}.complete"})
            if self._guard is None:
                return
