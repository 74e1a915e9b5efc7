"""The WSGI mount (Flask, Django, ...): one Request of a thread through one Exchange, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from bartizan.gateway import environ as environs
from bartizan.gateway import messages
from bartizan.gateway.coverage import WSGI
from bartizan.gateway.frameworks.router import ASKED
from bartizan.gateway.guard import Guard, now
from bartizan.gateway.mount import Base
from bartizan.gateway.ownership import seat
from bartizan.gateway.wsgi_body import CutShort, Incoming, Outgoing, input_of
from bartizan.gateway.wsgi_reply import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bartizan._core import Exchange, Step
    from bartizan.gateway.environ import Environ

    App = Callable[..., Iterable[bytes]]

ASKED_KEY = "HTTP_" + ASKED.decode().upper().replace("-", "_")
LEFT = messages.problem(400, "Bad Request", "malformed-request")


class WsgiMount(Base):
    """A WSGI app behind one Guard."""

    gaps: ClassVar[tuple[str, ...]] = WSGI

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One Request of the server."""
        guard = self._guard or self._open()
        if guard is None:
            return Response(None, None, "GET", environ, start_response).whole(messages.BROKEN)
        return Crossing(guard, environ, start_response).run(self.app)


class Crossing:
    """One Request. Call `run` once."""

    __slots__ = ("_call", "_environ", "_exchange", "_given", "_guard", "_incoming", "_response",
                 "_routed")  # fmt: skip

    def __init__(self, guard: Guard, environ: Environ, start_response: Callable[..., Any]) -> None:
        self._guard = guard
        self._environ = environ
        self._call = environs.call_of(environ)
        self._given = environs.target_of(environ)
        self._exchange: Exchange = guard.open(environs.peer_of(environ))
        self._incoming = Incoming(environ["wsgi.input"], environs.body_length(environ))
        self._response = Response(guard, self._exchange, self._call.method, environ, start_response)
        self._routed: int | None = None

    def run(self, app: App) -> Iterable[bytes]:
        """To the app if the Exchange lets it. A fault of ours is a 500, never the app."""
        response = self._response
        try:
            step = self._judge()
            if step.kind == "forward":
                seen, body = self._seen(*step.forward())
                return response.of(app, seen, body)
            return response.whole(response.answering.answer(*self._guard.told(*step.answer())))
        except (CutShort, OSError):
            response.answering.outcome = "client-left"
            return response.whole(LEFT)
        except Exception:  # noqa: BLE001, fail closed
            return response.whole(response.answering.broken())

    def _judge(self) -> Step:
        """The step that lets the Request go or answers it."""
        exchange, guard, environ = self._exchange, self._guard, self._environ
        fields = environs.fields_of(environ)
        if guard.proxies.is_watching and "HTTP_X_FORWARDED_FOR" in environ:
            guard.proxies.see(environs.peer_of(environ))
        if guard.router is not None:
            asked = str(environ.get(ASKED_KEY) or "")
            self._routed = guard.router.route(exchange, self._call, asked)
        method, length = self._call.method.encode("latin-1"), self._incoming.left
        step = exchange.head(method, self._given, fields, length, now())
        while step.kind == "ask":
            guard.keys.refresh(step.issuer(), is_asked=True)
            step = exchange.answered(True, now())  # noqa: FBT003, the face of the binding
        while step.kind == "more":
            data = self._incoming.read()
            step = exchange.chunk(data, now()) if data else exchange.end(now())
        return step

    def _seen(
        self,
        _method: bytes,
        target: bytes,
        fields: messages.Fields,
        body: bytes | None,
        streams: bool,  # noqa: FBT001, the face of the binding
    ) -> tuple[Environ, Outgoing | None]:
        """What the app sees: the Request as inspected."""
        rest = Outgoing(body or b"", self._incoming, self._exchange.stream) if streams else None
        length = None if rest is not None else len(body or b"")
        if length == 0 and not self._environ.get("CONTENT_LENGTH"):
            length = None
        keeps = self._guard.proxies.lets(environs.peer_of(self._environ))
        seen = environs.environ_of(self._environ, target, fields, self._given, length, keeps=keeps)
        seen["wsgi.input"] = input_of(body, rest)
        seat(self._exchange, self._guard.lookups, seen)
        router = self._guard.router
        if router is None or target == self._given:
            return seen, rest
        # The path goes on otherwise than it was judged: it must lead to the same place.
        if router.operation(environs.call_of(seen)) != self._routed:
            message = "the app would take the path for another operation"
            raise ValueError(message)
        return seen, rest
