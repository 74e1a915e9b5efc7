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
        """The lifespan is the app's; its start-up completes when the Guard stands."""

        async def answered(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete" and not await asyncio.to_thread(self._open):
                message = {"type": "lifespan.startup.failed", "message": self._fault}
            elif kind.startswith("lifespan.shutdown") and self._guard is not None:
                await asyncio.to_thread(self._guard.stop)
            await send(message)

        await self.app(scope, receive, answered)
