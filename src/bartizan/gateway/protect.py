"""`protect`: Bartizan inside a Python web app, as one layer around it.

Nothing of a framework is imported, and of the two kinds of mount only the one that is wanted.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.gateway.guard import Choice
from bartizan.gateway.session_user import session_user as users_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.gateway.ownership import Lookup
    from bartizan.gateway.session_user import Asked


def protect(
    app: Callable[..., Any],
    config: str | os.PathLike[str] | None = None,
    openapi: str | os.PathLike[str] | Mapping[str, object] | None = None,
    mode: str | None = None,
    errors: str = "problem",
    owners: Mapping[str, Lookup] | None = None,
    session_user: Asked | str | None = None,
) -> Any:
    """`app` with Bartizan in front of it: an ASGI app for an ASGI app, a WSGI app for a WSGI app.

    config: a `bartizan.yaml`; without it the one in the working directory, else safe defaults.
    openapi: a document (path, URL or dict); else that of the config, else what the app says: its
    own document, else its routes. mode: `shadow` or `enforce`, above the config.
    errors: `problem` (RFC 9457), or `framework` for refusals in the shape of the app's own errors.
    owners: by type of object the function that tells its owner from its id, for `owns`; it may be
    asynchronous, and says None where there is no such object.
    session_user: for `owns`, whom the app's framework has authenticated where no credential tells:
    `django` for the user of Django's session, or a function of the request that gives the subject,
    or None. Nothing of a Request can set it.
    Nothing is read before start-up; what is wrong then stops the start, or answers each Request
    with 500: the app is never reached unchecked. Raises TypeError for what is neither kind of app,
    ValueError for a word that is none of those.
    """
    if errors not in ("problem", "framework"):
        message = f"errors is `problem` or `framework`, not `{errors}`"
        raise ValueError(message)
    if mode not in (None, *MODES):
        message = f"`mode=` of `protect` is `shadow` or `enforce`, not {mode!r}"
        raise ValueError(message)
    given: Mapping[str, object] = owners or {}
    for kind, lookup in given.items():
        if not callable(lookup):
            message = f"the look-up for `{kind}` in `owners` is not a function"
            raise TypeError(message)
    if given:
        from bartizan.gateway.ownership import GIVEN

        GIVEN.update(given)
    path = None if config is None else Path(config)
    document = str(openapi) if isinstance(openapi, os.PathLike) else openapi
    choice = Choice(path, document, mode, errors, dict(owners or {}), users_of(session_user))
    if takes(app) == WSGI_ARGUMENTS:
        from bartizan.gateway.wsgi import WsgiMount

        return WsgiMount(app, choice)
    from bartizan.gateway.asgi import Mount

    return Mount(app, choice)


MODES = ("shadow", "enforce")
WSGI_ARGUMENTS, ASGI_ARGUMENTS = 2, 3


def takes(app: Callable[..., Any]) -> int:
    """How many arguments `app` is called with: 2 is WSGI, 3 is ASGI. Raises TypeError."""
    from inspect import Parameter, iscoroutinefunction, signature

    call = getattr(type(app), "__call__", None)  # noqa: B004, its signature is wanted
    if iscoroutinefunction(app) or iscoroutinefunction(call):
        return ASGI_ARGUMENTS
    try:
        given = signature(app).parameters.values()
    except (TypeError, ValueError):
        given = ()  # type: ignore[assignment]
    places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    count = sum(one.kind in places and one.default is Parameter.empty for one in given)
    if count not in (WSGI_ARGUMENTS, ASGI_ARGUMENTS):
        message = f"{app!r} is neither an ASGI app (scope, receive, send) nor a WSGI app"
        raise TypeError(message)
    return count
