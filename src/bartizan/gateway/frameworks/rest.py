"""Django REST framework: `owns` as a permission class, which answers in its error shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.permissions import BasePermission

from bartizan.gateway.frameworks.refusal import seat_of
from bartizan.gateway.ownership import FORBIDDEN, NOT_FOUND, Withheld

if TYPE_CHECKING:
    from bartizan.gateway.ownership import Declared


def permission_of(declared: Declared) -> type[Any]:
    """A class for `permission_classes`."""

    class Owned(BasePermission):  # type: ignore[misc]
        """Lets the owner of the object in the path."""

        def has_permission(self, request: Any, view: Any) -> bool:
            """True, or the exception that tells why not."""
            try:
                seat = seat_of(request._request, declared)  # noqa: SLF001, the one that the mount saw
                seat.require(declared, view.kwargs.get(declared.parameter), request)
            except Withheld as withheld:
                raise _words(withheld) from None
            return True

    return Owned


def _words(withheld: Withheld) -> Exception:
    known = {NOT_FOUND: NotFound, FORBIDDEN: PermissionDenied}
    made: Exception = known.get(withheld.status, APIException)(detail=_told(withheld))
    made.status_code = withheld.status  # type: ignore[attr-defined]
    return made


def _told(withheld: Withheld) -> dict[str, object]:
    problem = withheld.problem
    return {**problem, "detail": problem["title"]}
