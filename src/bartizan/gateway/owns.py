"""`owns`: a rule in the app's own code: this object is for its owner.

One declaration serves every framework: a dependency of FastAPI, a guard of Litestar, a decorator of
views elsewhere, a permission class of Django REST framework. None of them is imported here.
"""

from __future__ import annotations

import sys
from functools import cached_property, wraps
from inspect import Parameter, Signature, isclass, iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from bartizan.gateway.frameworks.refusal import refusal, seat_of
from bartizan.gateway.ownership import (
    DECLARED,
    FORBIDDEN,
    NEEDED,
    NOT_FOUND,
    Declared,
    Withheld,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    View = TypeVar("View", bound=Callable[..., Any])


def owns(
    kind: str,
    parameter: str = "",
    *,
    or_scope: str = "",
    status: Literal[404, 403] = 404,
    mode: Literal["enforce", "shadow"] = "enforce",
) -> Owns:
    """The rule that the object of `kind` whose id is in the path `parameter` is its Principal's.

    kind: a name of `protect(owners=...)`. or_scope: who has this scope need not own it. status: 404
    hides that it exists. mode: `shadow` records only; a Policy in shadow is above `enforce`.
    Raises ValueError for another status or mode.
    """
    if status not in (NOT_FOUND, FORBIDDEN):
        message = f"status is 404 or 403, not `{status}`"
        raise ValueError(message)
    if mode not in ("enforce", "shadow"):
        message = f"mode is `enforce` or `shadow`, not `{mode}`"
        raise ValueError(message)
    frame = sys._getframe(1)  # noqa: SLF001, where it is declared is what `explain` tells
    place = f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno}"
    DECLARED.setdefault(kind, place)
    if not or_scope and mode == "enforce":
        NEEDED.setdefault(kind, place)
    return Owns(Declared(kind, parameter, place, or_scope, status, mode == "shadow"))


def _shown(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


class Owns:
    """A declared rule. Call it on a view to guard the view; frameworks call it on a connection."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared

    @overload
    def __call__(self, connection: View) -> View: ...
    @overload
    def __call__(self, connection: Any, handler: Any = None) -> None: ...
    def __call__(self, connection: Any, handler: Any = None) -> Any:
        """A view guarded; or, of a connection, None where its Principal owns the object."""
        if callable(connection) and handler is None:
            return self._guarded(connection)
        self.require(connection, self._id(connection, {}))
        return None

    @property
    def __signature__(self) -> Signature:
        """For FastAPI, which reads what a dependency takes. Its own where FastAPI is not in use."""
        if "fastapi" not in sys.modules:
            raise AttributeError("__signature__")
        from starlette.requests import HTTPConnection

        place = Parameter.POSITIONAL_OR_KEYWORD
        return Signature([Parameter("connection", place, annotation=HTTPConnection)])

    def require(self, request: Any, object_id: object) -> None:
        """Returns where the object is the Principal's, else raises as the framework does. Blocks.

        request: of any framework; None for the current one of Flask and Quart.
        """
        try:
            seat_of(request, self.declared).require(self.declared, object_id, request)
        except Withheld as withheld:
            raise refusal(withheld, request) from None

    async def arequire(self, request: Any, object_id: object) -> None:
        """As `require`, for asynchronous code."""
        try:
            await seat_of(request, self.declared).arequire(self.declared, object_id, request)
        except Withheld as withheld:
            raise refusal(withheld, request) from None

    @cached_property
    def permission(self) -> Any:
        """A permission class of Django REST framework."""
        from bartizan.gateway.frameworks.rest import permission_of

        return permission_of(self.declared)

    def _guarded(self, view: Callable[..., Any]) -> Callable[..., Any]:
        if isclass(view):
            raise TypeError("`owns` guards functions: decorate the methods of the class")
        if iscoroutinefunction(view):

            @wraps(view)
            async def asked(*args: Any, **kwargs: Any) -> Any:
                request = _request(args)
                await self.arequire(request, self._id(request, kwargs))
                return await view(*args, **kwargs)

        else:

            @wraps(view)
            def asked(*args: Any, **kwargs: Any) -> Any:
                request = _request(args)
                self.require(request, self._id(request, kwargs))
                return view(*args, **kwargs)

        return asked

    def _id(self, request: Any, given: Mapping[str, object]) -> object:
        """The id as the view gets it, else as the router found it; None where there is none."""
        if self.declared.parameter in given:
            return given[self.declared.parameter]
        found = getattr(request, "path_params", None) or getattr(request, "view_args", None) or {}
        return found.get(self.declared.parameter)


def _request(args: tuple[Any, ...]) -> Any:
    """The request among the arguments of a view, which may be a method; None for Flask, Quart."""
    return next((one for one in args if hasattr(one, "scope") or hasattr(one, "META")), None)
