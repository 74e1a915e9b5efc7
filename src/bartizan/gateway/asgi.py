"""The ASGI mount (FastAPI, Starlette, Litestar, Quart, Django): one layer, no task of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from bartizan.gateway import messages
from bartizan.gateway.coverage import ASGI
from bartizan.gateway.guard import Guard, now
from bartizan.gateway.mount import Base
from bartizan.gateway.passage import Passage, look_up, seat

if TYPE_CHECKING:
    from bartizan.gateway.messages import Message, Receive, Scope, Send

POLICY_VIOLATION = 1008


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
            await self._websocket(guard, scope, receive, send)
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
            call = messages.call_of(scope)
            if guard.router is not None:
                guard.router.route(exchange, call)
            given = messages.target_of(scope, call.root)
            step = exchange.head(b"GET", given, fields, 0, now())
            step = await look_up(guard, exchange, step)
            if step.kind != "forward":
                await _close(receive, send)
                return
            _, target, fields, _, _ = step.forward()
            keeps = guard.proxies.lets(messages.peer_of(scope))
            seen = messages.scope_of(scope, target, fields, None, call.root, keeps=keeps)
            seat(guard, exchange, seen)
            await self.app(seen, receive, send)
        finally:
            guard.close(exchange, "complete")


async def _close(receive: Receive, send: Send) -> None:
    """Before the accept: the server answers 403."""
    await receive()
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
