"""`users`: for the tests of an app: which Principal can do what with whose object.

as_user = users(guarded, {"alice": 7, "bob": 8})
as_user("alice").cannot.get("/orders/{bob}")
"""

from __future__ import annotations

from asyncio import run as asyncio_run
from collections.abc import Mapping
from json import dumps
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote

from bartizan.gateway.trial import NOBODY, Response, Sent, mount_of, trial
from bartizan.model.event import Event, Principal

if TYPE_CHECKING:
    from bartizan.gateway.lifespan import Lifespan
    from bartizan.gateway.mount import Base

REFUSALS = ("authorize.foreign-object", "authorize.scope")
"""What a `cannot` is about. A missing object or a wrong path proves nothing and fails the test."""
ERROR = 400


def users(app: object, objects: Mapping[str, object], *, issuer: str = "") -> Users:
    """Asks `app`, which is behind `protect`, as any Principal.

    objects: by name the id that stands for `{name}` in paths; a mapping of ids for `{name[type]}`.
    issuer: of the tokens, where look-ups tell owners by issuer; `api-key` for holders of keys.
    As a context manager it also runs the lifespan of an ASGI app. Raises TypeError.
    """
    return Users(mount_of(app), objects, issuer)


class Users:
    """Made by `users`."""

    def __init__(self, mount: Base, objects: Mapping[str, object], issuer: str) -> None:
        self._mount = mount
        self._objects = {name: _quoted(one) for name, one in objects.items()}
        self._issuer = issuer
        self._state: dict[str, Any] = {}
        self._lifespan: Lifespan | None = None

    def __call__(self, subject: str | None, *scopes: str) -> User:
        """The Principal of this subject with these scopes; None: nobody."""
        if subject is None:
            return User(self, NOBODY)
        kind = "api-key" if self._issuer == "api-key" else "token"
        issuer = "" if kind == "api-key" else self._issuer
        return User(self, Principal(kind, issuer, subject, scopes))

    def ask(self, principal: Principal, sent: Sent) -> tuple[Response, Event]:
        """What `sent` comes to."""
        run = self._lifespan.run if self._lifespan is not None else asyncio_run
        return trial(self._mount, principal, sent, self._state, run)

    def path(self, written: str) -> str:
        """`written` with ids in place of names. Raises KeyError for a name that is not known."""
        return written.format_map(self._objects)

    def __enter__(self) -> Self:
        from bartizan.gateway.lifespan import Lifespan
        from bartizan.gateway.wsgi import WsgiMount

        if not isinstance(self._mount, WsgiMount):
            self._lifespan = Lifespan(self._mount.app, self._state)
            self._lifespan.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        lifespan, self._lifespan = self._lifespan, None
        if lifespan is not None:
            lifespan.stop()


class User:
    """One Principal. `can` and `cannot` are followed by a method and a path."""

    def __init__(self, users: Users, principal: Principal) -> None:
        self.can = Asking(users, principal, is_let=True)
        self.cannot = Asking(users, principal, is_let=False)


class Asking:
    """Sends a Request and raises AssertionError where it does not come to what is expected."""

    def __init__(self, users: Users, principal: Principal, *, is_let: bool) -> None:
        self._users = users
        self._principal = principal
        self._is_let = is_let

    def get(self, path: str, **more: Any) -> Response:
        """GET; `more` as for `request`."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        """POST."""
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> Response:
        """PUT."""
        return self.request("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> Response:
        """PATCH."""
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Response:
        """DELETE."""
        return self.request("DELETE", path, **more)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The Response, where the expectation holds. json: a body in place of `body`."""
        fields = {"host": "localhost"} | {k.lower(): v for k, v in (headers or {}).items()}
        if json is not None:
            body, fields = dumps(json).encode(), {"content-type": "application/json"} | fields
        target, _, query = self._users.path(path).partition("?")
        sent = Sent(method, unquote(target), query, fields, body)
        response, event = self._users.ask(self._principal, sent)
        against = _let(response, event) if self._is_let else _refused(event)
        if against:
            word = "can" if self._is_let else "cannot"
            who = self._principal.label
            raise AssertionError(f"{who} {word} {method} {target}: not so: {against}")
        return response


def _let(response: Response, event: Event) -> str:
    """What stands against `can`; empty for nothing."""
    if event.verdict != "allow":
        return _told(event)
    return f"the app answered {response.status_code}" if response.status_code >= ERROR else ""


def _refused(event: Event) -> str:
    """What stands against `cannot`; empty for nothing."""
    if event.verdict == "allow":
        return f"it was let through, and the app answered {event.status}"
    leading = event.leading
    if leading is None or leading.code not in REFUSALS:
        return f"that was not the reason; {_told(event)}"
    if event.enforcement == "shadow":
        return f"in shadow nothing is refused: protect(..., mode='enforce'); {_told(event)}"
    return ""


def _told(event: Event) -> str:
    reasons = [f"{one.code} ({one.expected or one.field})" for one in event.reasons if one.counts]
    return f"{event.verdict} {event.decided_status} for {', '.join(reasons)}"


def _quoted(one: object) -> object:
    if isinstance(one, Mapping):
        return {name: _quoted(inner) for name, inner in one.items()}
    return quote(str(one), safe="")
