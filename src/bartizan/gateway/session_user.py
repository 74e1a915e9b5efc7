"""Session users: whom the framework of the app has authenticated, where the app says so.

Only code of the app can say it (`protect(app, session_user=...)`); nothing of a Request can. What
it tells stands below every credential that the guard has verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DJANGO, APP = "django", "app"

Subject: TypeAlias = "str | int | None"
Asked: TypeAlias = "Callable[[Any], Subject | Awaitable[Subject]]"


@dataclass(frozen=True, slots=True)
class SessionUser:
    """name: of the framework, the issuer of such a Principal. ask: the subject, None for nobody."""

    name: str
    ask: Asked
    ask_async: Asked


def session_user(given: object) -> SessionUser | None:
    """What `protect` was given: the word `django`, or a function. Raises ValueError."""
    if given is None:
        return None
    if given == DJANGO:
        return SessionUser(DJANGO, of_django, of_django_async)
    if callable(given):
        return SessionUser(APP, given, given)
    message = f"`session_user` is `{DJANGO}` or a function, not {given!r}"
    raise ValueError(message)


def of_django(request: Any) -> Subject:
    """The key of the user that Django's middleware, or REST framework, has authenticated."""
    return _subject(request.user)


async def of_django_async(request: Any) -> Subject:
    """As `of_django`, on the event loop, where Django asks its database otherwise."""
    ask = getattr(request, "auser", None)
    return _subject(await ask() if ask is not None else request.user)


def _subject(user: Any) -> Subject:
    return str(user.pk) if user.is_authenticated and user.pk is not None else None
