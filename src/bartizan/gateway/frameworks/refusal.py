"""A refusal for ownership in the words of the framework whose request it is.

Frameworks are looked up among what is imported already; none is imported here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bartizan.gateway.ownership import FORBIDDEN, KEY, NOT_FOUND, Ownership, Withheld

if TYPE_CHECKING:
    from bartizan.gateway.ownership import Declared


def seat_of(request: Any, declared: Declared) -> Ownership:
    """What the mount put beside this request. Raises Withheld where no mount is in front."""
    request = request if request is not None else _current()
    for holder in ("scope", "META", "environ"):
        found: Any = getattr(request, holder, {})
        seat = found.get(KEY) if hasattr(found, "get") else None
        if isinstance(seat, Ownership):
            return seat
    from logging import getLogger

    getLogger("bartizan").error(
        "`owns` at %s: this app is not called through `protect`, so nobody is known and all is"
        " refused",
        declared.place,
    )
    raise Withheld(declared.status)


def _current() -> Any:
    """The request that Flask or Quart serves at this moment."""
    for name in ("flask", "quart"):
        module = sys.modules.get(name)
        if module is not None and module.has_request_context():
            return module.request
    return None


def refusal(withheld: Withheld, request: Any) -> Exception:
    """The exception to raise; `withheld` itself where the framework is not known."""
    request = request if request is not None else _current()
    for module, name, words in WORDS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(_plain(request), kind):
            made: Exception = words(withheld, request)
            return made
    return withheld


def _plain(request: Any) -> Any:
    """The object behind a proxy for the current request."""
    current = getattr(request, "_get_current_object", None)
    return current() if callable(current) else request


def _starlette(withheld: Withheld, request: Any) -> Exception:
    from starlette.exceptions import HTTPException, WebSocketException

    if request.scope["type"] == "websocket":
        return WebSocketException(1008, str(withheld))
    fastapi = getattr(sys.modules.get("fastapi"), "FastAPI", None)
    if fastapi is not None and isinstance(request.scope.get("app"), fastapi):
        from fastapi import HTTPException as FastAPIException

        return FastAPIException(withheld.status, detail=withheld.problem)
    return HTTPException(withheld.status, detail=str(withheld))


def _litestar(withheld: Withheld, _request: Any) -> Exception:
    from litestar.exceptions import HTTPException

    problem = withheld.problem
    return HTTPException(status_code=withheld.status, detail=str(problem["title"]), extra=problem)


def _werkzeug(withheld: Withheld, _request: Any) -> Exception:
    from werkzeug.exceptions import default_exceptions

    return default_exceptions[withheld.status](description=str(withheld))


def _django(withheld: Withheld, _request: Any) -> Exception:
    from django.core.exceptions import PermissionDenied
    from django.http import Http404

    known = {NOT_FOUND: Http404, FORBIDDEN: PermissionDenied}
    kind = known.get(withheld.status)
    return kind(str(withheld)) if kind else withheld


WORDS = (
    ("starlette.requests", "HTTPConnection", _starlette),
    ("litestar.connection", "ASGIConnection", _litestar),
    ("flask.wrappers", "Request", _werkzeug),
    ("quart.wrappers", "BaseRequestWebsocket", _werkzeug),
    ("quart.wrappers.base", "BaseRequestWebsocket", _werkzeug),
    ("django.http", "HttpRequest", _django),
)
"""Module and class of the request, and who makes the exception."""
