"""Handshake: a WebSocket of an ASGI server through one Exchange to the app.

Its handshake is judged as the GET that it is: route, origin, credential, limits. Its messages are
not looked at; the Exchange lasts as long as the socket, so that a limit of concurrency counts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.gateway import messages
from bartizan.gateway.guard import Guard, now
from bartizan.gateway.outbound import Answering
from bartizan.gateway.ownership import Withheld
from bartizan.gateway.passage import look_up, seat

if TYPE_CHECKING:
    from bartizan.gateway.messages import App, Message, Receive, Scope, Send
    from bartizan.gateway.ownership import Ownership

POLICY_VIOLATION = 1008


async def refuse(out: tuple[Message, ...], scope: Scope, receive: Receive, send: Send) -> None:
    """`out` in place of an accept, where the server can send it; else it answers a bare 403."""
    await receive()
    await _denied(out, scope, send)


async def _denied(out: tuple[Message, ...], scope: Scope, send: Send) -> None:
    if messages.DENIAL not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    for message in out:
        await send({**message, "type": f"websocket.{message['type']}"})


class Handshake:
    """One WebSocket. Call `run` once."""

    __slots__ = ("_answering", "_exchange", "_guard", "_is_accepted", "_is_closed", "_ownership",
                 "_receive", "_scope", "_send")  # fmt: skip

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard = guard
        self._scope = scope
        self._receive = receive
        self._send = send
        self._exchange = guard.open(messages.peer_of(scope))
        self._answering = Answering(self._exchange, "GET")
        self._ownership: Ownership | None = None
        self._is_accepted = self._is_closed = False

    async def run(self, app: App) -> None:
        """To the app if the Exchange lets it, and whatever happens, to one closing Event."""
        try:
            seen = await self._judged()
            if seen is not None:
                try:
                    await app(seen, self._receive, self.send)
                except Withheld:
                    await self._refuse()
        finally:
            self._guard.close(self._exchange, self._answering.outcome)

    async def _judged(self) -> Scope | None:
        """What the app sees, or None where the client has its refusal."""
        guard, exchange, scope = self._guard, self._exchange, self._scope
        try:
            exchange.socket()
            call = messages.call_of(scope)
            if guard.router is not None:
                guard.router.route(exchange, call)
            target = messages.target_of(scope, call.root)
            step = exchange.head(b"GET", target, messages.handshake(scope), 0, now())
            step = await look_up(guard, exchange, step)
            if step.kind == "forward":
                _, target, fields, _, _ = step.forward()
                keeps = guard.proxies.lets(messages.peer_of(scope))
                seen = messages.scope_of(scope, target, fields, None, call.root, keeps=keeps)
                self._ownership = seat(guard, exchange, seen)
                return seen
            out = self._answering.answer(*guard.told(*step.answer()))
        except Exception:  # noqa: BLE001, fail closed
            out = self._answering.broken()
        await refuse(out, scope, self._receive, self._send)
        return None

    async def send(self, message: Message) -> None:
        """For the app. Once an object is withheld, nothing but the refusal goes out."""
        kind = message["type"]
        if self._ownership is not None and self._ownership.is_withheld:
            await self._refuse()
        elif kind.startswith(messages.DENIAL):
            plain = {**message, "type": kind.removeprefix("websocket.")}
            await _denied(self._answering.reply(plain), self._scope, self._send)
        else:
            if kind == "websocket.accept":
                self._is_accepted = True
                self._exchange.accepted()
            await self._send(message)

    async def _refuse(self) -> None:
        """An object is withheld: before the accept an answer, afterwards the end."""
        if self._is_closed:
            return
        self._is_closed = True
        answer = self._exchange.refusal()
        if self._is_accepted or answer is None:
            await self._send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await _denied(messages.whole(*answer), self._scope, self._send)
