"""Response of a WSGI app through its Exchange to the server, piece by piece.

What the app gives (`start_response`, `write`, an iterable with `close`) becomes messages as ASGI
has them, so that one `Answering` decides for every mount.
"""

from __future__ import annotations

import traceback
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bartizan.gateway import messages
from bartizan.gateway.outbound import Answering
from bartizan.gateway.ownership import Withheld
from bartizan.gateway.wsgi_body import CutShort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bartizan._core import Exchange
    from bartizan.gateway.environ import Environ
    from bartizan.gateway.guard import Guard
    from bartizan.gateway.messages import Message
    from bartizan.gateway.wsgi_body import Outgoing

END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class Response:
    """One Response, the iterable that the server gets. At its end the Exchange is closed."""

    def __init__(
        self,
        guard: Guard | None,
        exchange: Exchange | None,
        method: str,
        environ: Environ,
        start_response: Callable[..., Any],
    ) -> None:
        """Without a guard only `whole` may be called."""
        self._guard = guard
        self._exchange = exchange
        self._errors = environ.get("wsgi.errors")
        self._start_response = start_response
        self._server_write: Callable[[bytes], object] | None = None
        self.answering = Answering(exchange, method)  # type: ignore[arg-type]
        self._ready: deque[bytes] = deque()
        self._head: Message | None = None
        self._has_head = False
        self._reason = ""
        self._app: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())
        self._body: Outgoing | None = None

    def whole(self, out: tuple[Message, ...]) -> Response:
        """An answer of ours and nothing else."""
        self._put(out)
        self.answering.is_over = True
        return self

    def of(
        self, app: Callable[..., Iterable[bytes]], environ: Environ, body: Outgoing | None
    ) -> Response:
        """What `app` answers."""
        self._body = body
        try:
            self._app = app(environ, self._start)
            self._pieces = iter(self._app)
        except Withheld:
            self._withhold()
        except Exception:  # noqa: BLE001, any fault of the app is answered for and told
            self._fail()
        return self

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """`start_response` for the app. A second call needs `exc_info` (PEP 3333)."""
        if exc_info is not None and self.answering.is_started:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._head is not None:
            message = "start_response was called twice"
            raise AssertionError(message)
        code, _, self._reason = status.partition(" ")
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._head = {"type": "http.response.start", "status": int(code), "headers": fields}
        self._has_head = True
        return self._write

    def _write(self, data: bytes) -> None:
        """The old way to give a piece: it goes out at once."""
        self._take(data)
        while self._ready and self._server_write is not None:
            self._server_write(self._ready.popleft())

    def __iter__(self) -> Response:
        return self

    def __next__(self) -> bytes:
        while not self._ready:
            if self.answering.is_over:
                self._record()
                raise StopIteration
            try:
                self._take(next(self._pieces))
            except StopIteration:
                self._end()
            except Withheld:
                if self.answering.is_started:
                    raise
                self._withhold()
            except Exception:
                started = self.answering.is_started
                self._fail()
                if started:
                    raise  # The server cuts the connection: the client must not take it for whole.
        return self._ready.popleft()

    def _take(self, data: bytes) -> None:
        if data:
            self._begin()
            self._tell({"type": "http.response.body", "body": data, "more_body": True})

    def _begin(self) -> None:
        """The head goes to the Exchange with the first piece: until then it may be replaced."""
        head, self._head = self._head, None
        if self._body is not None and self._body.is_over and not self.answering.is_started:
            for message in messages.TOO_LARGE:
                self._tell(message)
        elif head is not None:
            self._tell(head)

    def _end(self) -> None:
        self._begin()
        if self._has_head:
            self._tell(END)
        else:
            self._put(self.answering.failed())

    def _tell(self, message: Message) -> None:
        """One message of the app. Raises CutShort: what the client has is not the whole."""
        out = self.answering.reply(message)
        if not out and self.answering.outcome == "fault":
            raise CutShort("the response cannot go on")
        self._put(out)

    def _withhold(self) -> None:
        """The app refused an object, and left the words to us."""
        self._head = None
        self.answering.is_withheld = True
        self._put(self.answering.failed())

    def _fail(self) -> None:
        """The app raised: told where the server keeps its errors; the client hears our words."""
        traceback.print_exc(file=self._errors)
        self._head = None
        if self._body is not None and self._body.is_over:
            self._begin()
        self._put(self.answering.failed())

    def _put(self, out: tuple[Message, ...]) -> None:
        for message in out:
            if message["type"] == "http.response.start":
                self.answering.is_started = True
                headers = [
                    (n.decode("latin-1"), v.decode("latin-1")) for n, v in message["headers"]
                ]
                self._server_write = self._start_response(self._line(message["status"]), headers)
            elif message["body"]:
                self._ready.append(message["body"])

    def _line(self, status: int) -> str:
        from http import HTTPStatus

        try:
            return f"{status} {HTTPStatus(status).phrase}"
        except ValueError:
            return f"{status} {self._reason or 'Unknown'}"

    def close(self) -> None:
        """For the server, at the end of whatever kind."""
        closes = getattr(self._app, "close", None)
        self._app = ()
        try:
            if callable(closes):
                closes()
        finally:
            self._record()

    def __del__(self) -> None:
        """Who neither reads to the end nor closes (test clients) leaves an Event all the same."""
        with suppress(Exception):  # The interpreter may be ending.
            self._record()

    def _record(self) -> None:
        """The one closing Event: at the end of the last piece, by `close`, or by oblivion."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None and self._guard is not None:
            told = self.answering
            self._guard.close(exchange, told.outcome if told.is_over else "client-left")
