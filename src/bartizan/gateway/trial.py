"""Trial: one Request through a mount in this process, of a Principal that is presumed.

For the tests of an app. The Policy decides as ever; only the secret of the Principal is not asked
for, and the Event comes back instead of being kept.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from bartizan.gateway.guard import Guard, now
from bartizan.gateway.mount import Base
from bartizan.gateway.wsgi import WsgiMount
from bartizan.model.event import Event, Principal, parse_event

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bartizan import _core
    from bartizan._core.native import _Outcome as Outcome  # noqa: TID251
    from bartizan.gateway.messages import Message, Scope

    Run = Callable[[Coroutine[Any, Any, None]], None]

NOBODY = Principal("anonymous")
PEER = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TrialGuard(Guard):
    """A Guard whose Exchanges are all of one Principal. events: what they came to."""

    principal: Principal = NOBODY
    events: list[Event] = field(default_factory=list)

    def open(self, peer: str) -> _core.Exchange:
        """One Exchange of the Principal."""
        exchange = Guard.open(self, peer)
        one = self.principal
        exchange.presume(one.kind, one.issuer, one.subject, list(one.scopes))
        return exchange

    def close(self, exchange: _core.Exchange, outcome: Outcome) -> None:
        """Ends it; the Event goes nowhere else."""
        line, _ = exchange.close(outcome, now())
        self.events.append(parse_event(line))


@dataclass(frozen=True, slots=True)
class Sent:
    """A Request. fields: lower-case names."""

    method: str
    path: str
    query: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """What came back."""

    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        import json

        return json.loads(self.content)


def mount_of(app: object) -> Base:
    """The mount that `app` is, or that stands in it (Flask). Raises TypeError."""
    for one in (app, getattr(app, "wsgi_app", None)):
        if isinstance(one, Base):
            return one
    message = f"{app!r} is not behind `protect`"
    raise TypeError(message)


def trial(
    mount: Base, principal: Principal, sent: Sent, state: dict[str, Any], run: Run
) -> tuple[Response, Event]:
    """What `sent` comes to. state: of the app's lifespan; run: on which event loop.

    Raises RuntimeError where the guard cannot start, and what the app raises beyond its framework.
    """
    guard = mount.opened()
    if guard is None:
        raise RuntimeError(mount.fault)
    mine = TrialGuard(**{one.name: getattr(guard, one.name) for one in fields(guard)},
                      principal=principal)  # fmt: skip
    copy = type(mount)(mount.app, mount._choice)  # noqa: SLF001, the same mount with another guard
    copy._guard = mine  # noqa: SLF001
    response = Response()
    if isinstance(copy, WsgiMount):
        _by_wsgi(copy, sent, response)
    else:
        run(_by_asgi(copy, sent, response, state))
    return response, mine.events[-1]


def _by_wsgi(app: Any, sent: Sent, response: Response) -> None:
    from wsgiref.util import setup_testing_defaults

    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method, "PATH_INFO": sent.path.encode().decode("latin-1"),
        "QUERY_STRING": sent.query, "SCRIPT_NAME": "", "REMOTE_ADDR": PEER,
        "wsgi.input": io.BytesIO(sent.body), "CONTENT_LENGTH": str(len(sent.body) or ""),
    }  # fmt: skip
    for name, value in sent.fields.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    setup_testing_defaults(environ)

    def start(status: str, headers: list[tuple[str, str]], _info: object = None) -> object:
        response.status_code = int(status[:3])
        response.headers = {name.lower(): value for name, value in headers}
        return pieces.append

    pieces: list[bytes] = []
    answer = app(environ, start)
    try:
        pieces.extend(answer)
    finally:
        answer.close()
    response.content = b"".join(pieces)


async def _by_asgi(app: Any, sent: Sent, response: Response, state: dict[str, Any]) -> None:
    headers = [(name.encode(), value.encode()) for name, value in sent.fields.items()]
    if sent.body:
        headers.append((b"content-length", b"%d" % len(sent.body)))
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
        "method": sent.method, "scheme": "http", "path": sent.path, "root_path": "",
        "query_string": sent.query.encode(), "headers": headers, "client": (PEER, 1),
        "server": ("localhost", 80), "state": dict(state),
    }  # fmt: skip
    incoming: list[Message] = [{"type": "http.request", "body": sent.body, "more_body": False}]
    over = asyncio.Event()

    async def receive() -> Message:
        if incoming:
            return incoming.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status_code = message["status"]
            response.headers = {n.decode(): v.decode() for n, v in message["headers"]}
        elif message["type"] == "http.response.body":
            response.content += message.get("body", b"")

    try:
        await app(scope, receive, send)
    finally:
        over.set()
