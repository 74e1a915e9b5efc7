"""Passage: one HTTP Request of an ASGI server through one Exchange to the app, and back.

The app runs in the task that the server made, so that its `contextvars` are its own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bartizan.gateway import messages, ownership
from bartizan.gateway.frameworks.router import ASKED
from bartizan.gateway.guard import Guard, now
from bartizan.gateway.outbound import Outbound
from bartizan.gateway.ownership import Ownership, Withheld
from bartizan.gateway.proxies import FIELD as FORWARDED

if TYPE_CHECKING:
    from bartizan._core import Exchange, Step
    from bartizan.gateway.messages import App, Message, Receive, Scope, Send


async def look_up(guard: Guard, exchange: Exchange, step: Step) -> Step:
    """The step after every look-up that `step` asks for, each on a thread."""
    while step.kind == "ask":
        await asyncio.to_thread(guard.keys.refresh, step.issuer(), is_asked=True)
        step = exchange.answered(True, now())  # noqa: FBT003, the face of the binding
    return step


def seat(guard: Guard, exchange: Exchange, scope: Scope) -> Ownership:
    """As `ownership.seat`; look-ups of the app run on this event loop."""
    return ownership.seat(exchange, guard.lookups, scope, asyncio.get_running_loop())


class Passage:
    """One Request. Call `run` once."""

    __slots__ = (
        "_ahead",
        "_call",
        "_exchange",
        "_first",
        "_guard",
        "_has_more",
        "_out",
        "_receive",
        "_routed",
        "_scope",
    )

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard = guard
        self._scope = scope
        self._receive = receive
        self._call = messages.call_of(scope)
        self._exchange = guard.open(messages.peer_of(scope))
        self._out = Outbound(self._exchange, scope["method"], send)
        self._ahead: Message | None = None
        self._first: bytes | None = None
        self._has_more = True
        self._routed: int | None = None

    async def run(self, app: App) -> None:
        """To the app if the Exchange lets it, and whatever happens, to one closing Event."""
        out = self._out
        try:
            if not await self._is_cleared():
                return
            try:
                await app(self._scope, self.receive, out.send)
            except Withheld:
                out.is_withheld = True
            finally:
                await out.put(out.failed())
        except asyncio.CancelledError:
            out.is_left = True
            raise
        finally:
            outcome = "client-left" if out.is_left and not out.is_over else out.outcome
            self._guard.close(self._exchange, outcome)

    async def _is_cleared(self) -> bool:
        """Whether the app is called. A fault of ours is an answer of 500, never the app."""
        answer = None
        try:
            step = await self._judge()
            if step is not None and step.kind == "forward":
                self._take(*step.forward())
                return True
            answer = step.answer() if step is not None else None
        except Exception:  # noqa: BLE001, fail closed
            await self._out.put(self._out.broken())
        if answer is not None:
            await self._out.put(self._out.answer(*self._guard.told(*answer)))
        return False

    async def _judge(self) -> Step | None:
        """The step that lets the Request go or answers it; None when the client left before."""
        scope, exchange, length = self._scope, self._exchange, messages.body_length(self._scope)
        if length == messages.UNTOLD:
            self._ahead = ahead = await self._receive()
            length = None if ahead.get("body") or ahead.get("more_body") else 0
        fields = messages.pairs(scope["headers"])
        self._look(fields)
        target = messages.target_of(scope, self._call.root)
        step = exchange.head(scope["method"].encode(), target, fields, length, now())
        if step.kind == "ask":
            step = await look_up(self._guard, exchange, step)
        while step.kind == "more":
            message = await self._next()
            if message["type"] == "http.disconnect":
                self._out.is_left = True
                return None
            self._has_more = message.get("more_body", False)
            if data := message.get("body", b""):
                step = exchange.chunk(bytes(data), now())
            if step.kind == "more" and not self._has_more:
                step = exchange.end(now())
        return step

    def _look(self, fields: messages.Fields) -> None:
        """What stands beside the Request: the app's own route, and a proxy that nobody named."""
        proxies, router = self._guard.proxies, self._guard.router
        if proxies.is_watching and any(name == FORWARDED for name, _ in fields):
            proxies.see(messages.peer_of(self._scope))
        if router is None:
            return
        asked = ""
        if self._call.method == "OPTIONS":
            asked = next((value.decode("latin-1") for name, value in fields if name == ASKED), "")
        self._routed = router.route(self._exchange, self._call, asked)

    def _take(
        self,
        _method: bytes,
        target: bytes,
        fields: messages.Fields,
        body: bytes | None,
        streams: bool,  # noqa: FBT001, the face of the binding
    ) -> None:
        """What the app sees: the Request as inspected."""
        self._has_more = streams and self._has_more
        self._first = body or (None if self._has_more else b"")
        length = len(body) if body and not streams else None
        before, root = self._scope, self._call.root
        keeps = self._guard.proxies.lets(messages.peer_of(before))
        self._scope = messages.scope_of(before, target, fields, length, root, keeps=keeps)
        seat(self._guard, self._exchange, self._scope)
        router = self._guard.router
        if router is not None and self._scope["path"] != before["path"]:
            # The path goes on otherwise than it was judged: it must lead to the same place.
            call = messages.call_of(self._scope)
            if router.operation(call) != self._routed:
                message = "the app would take the path for another operation"
                raise ValueError(message)

    async def _next(self) -> Message:
        ahead, self._ahead = self._ahead, None
        return ahead if ahead is not None else await self._receive()

    async def receive(self) -> Message:
        """For the app: the body as inspected, or piece by piece under its cap."""
        if self._first is not None:
            first, self._first = self._first, None
            return {"type": "http.request", "body": first, "more_body": self._has_more}
        message = await self._next()
        while not self._has_more and message["type"] == "http.request":
            message = await self._receive()  # The server's own end of a body that was given.
        if message["type"] == "http.disconnect":
            self._out.is_left = True
        elif self._has_more:
            self._has_more = message.get("more_body", False)
            if not self._exchange.stream(len(message.get("body", b""))):
                return await self._cut()
        return message

    async def _cut(self) -> Message:
        """The body is over its cap while it streams: 413 where nothing was said yet."""
        self._has_more = False
        if not self._out.is_started:
            for message in messages.TOO_LARGE:
                await self._out.send(message)
        self._out.is_over = True
        return messages.LEFT
