"""Outbound: the Response of an app through its Exchange to the server, in ASGI's messages.

`Answering` decides and does no IO: every mount of this process uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.gateway import messages
from bartizan.gateway.guard import now

if TYPE_CHECKING:
    from bartizan._core import Exchange

    # A name that exists for types alone.
    from bartizan._core.native import _Outcome as Outcome  # noqa: TID251
    from bartizan.gateway.messages import Message, Send


class Answering:
    """One Response. is_over: nothing more goes out; is_started: its head did.

    is_withheld: the app ended by refusing an object, and left the words to us.
    """

    __slots__ = (
        "_exchange",
        "_is_head",
        "is_left",
        "is_over",
        "is_started",
        "is_withheld",
        "outcome",
    )

    def __init__(self, exchange: Exchange, method: str) -> None:
        self._exchange = exchange
        self._is_head = method == "HEAD"
        self.is_over = self.is_started = self.is_left = self.is_withheld = False
        self.outcome: Outcome = "complete"

    def reply(self, message: Message) -> tuple[Message, ...]:
        """What goes out for a message of the app. What is too late is dropped."""
        if self.is_over:
            return ()
        try:
            return self._reply(message)
        except Exception:  # noqa: BLE001, fail closed
            return self.broken()

    def _reply(self, message: Message) -> tuple[Message, ...]:
        kind = message["type"]
        if kind == "http.response.start":
            return self._reply_head(message)
        if kind != "http.response.body":
            raise ValueError(f"`{kind}` would send what cannot be looked at")
        data = message.get("body", b"")
        if data:
            reply = self._exchange.reply_chunk(bytes(data))
            if reply.kind == "send":
                return self._whole(*reply.sent())
            if reply.kind == "data":
                message = {**message, "body": reply.data()}
        if message.get("more_body", False):
            return (message,) if self.is_started else ()
        reply = self._exchange.reply_end()
        if reply.kind == "send":
            return self._whole(*reply.sent())
        if reply.kind == "data":
            message = {**message, "body": message.get("body", b"") + reply.data()}
        self.is_over = True
        return (message,)

    def _reply_head(self, message: Message) -> tuple[Message, ...]:
        fields, promised = messages.without_length(message.get("headers", ()))
        status = message["status"]
        is_bodiless = self._is_head or status in messages.BODILESS
        reply = self._exchange.reply_head(status, fields, 0 if is_bodiless else promised, now())
        if reply.kind == "hold":
            return ()
        status, fields, body = reply.sent()
        if reply.kind == "send":
            return self._whole(status, fields, body)
        if promised is not None and reply.kind == "head":
            fields.append((b"content-length", b"%d" % promised))
        return ({"type": "http.response.start", "status": status, "headers": fields},)

    def _whole(
        self, status: int, fields: messages.Fields, body: bytes | None
    ) -> tuple[Message, ...]:
        if self.is_started:  # Too late for an answer: the Response stays visibly incomplete.
            raise ValueError("a response under way cannot be replaced")
        self.is_over = True
        return messages.whole(status, fields, body)

    def answer(
        self, status: int, fields: messages.Fields, body: bytes | None
    ) -> tuple[Message, ...]:
        """An answer of ours in place of any other."""
        return self._whole(status, fields, body)

    def failed(self) -> tuple[Message, ...]:
        """The app ended. If its Response is not whole, the client gets ours where it can."""
        if self.is_over or self.is_left:
            return ()
        self.is_over = True
        self.outcome = "complete" if self.is_withheld and not self.is_started else "upstream-failed"
        reply = self._exchange.upstream_failed()
        if reply.kind == "send" and not self.is_started:
            return self.answer(*reply.sent())
        return ()

    def broken(self) -> tuple[Message, ...]:
        """A fault of ours: said, and 500 where nothing was sent."""
        from logging import getLogger

        message = "a request could not be checked and was refused"
        getLogger("bartizan").error(message)
        self.is_over, self.outcome = True, "fault"
        return () if self.is_started else messages.BROKEN


class Outbound(Answering):
    """One Response to an ASGI server."""

    __slots__ = ("_send",)

    def __init__(self, exchange: Exchange, method: str, send: Send) -> None:
        super().__init__(exchange, method)
        self._send = send

    async def send(self, message: Message) -> None:
        """For the app: its Response, as the Exchange lets it out."""
        await self.put(self.reply(message))

    async def put(self, out: tuple[Message, ...]) -> None:
        """To the server. Raises what the server raises."""
        for message in out:
            self.is_started = True
            try:
                await self._send(message)
            except OSError:  # What a server raises for a client that is gone (ASGI 2.4).
                self.is_left = True
                raise
