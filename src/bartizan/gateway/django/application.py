"""The project's own application, and the mount that it should be."""

from __future__ import annotations

from typing import Any

from bartizan.gateway.mount import Base


class Unguarded(Exception):
    """The application that Django names is not behind `protect`."""


def mount_of() -> Base:
    """The mount that WSGI_APPLICATION, else ASGI_APPLICATION, names. Raises Unguarded."""
    from django.conf import settings

    named = [getattr(settings, one, None) for one in ("WSGI_APPLICATION", "ASGI_APPLICATION")]
    told = [one for one in named if one]
    for one in told:
        found = _import(one)
        if isinstance(found, Base):
            return found
    if not told:
        raise Unguarded("neither WSGI_APPLICATION nor ASGI_APPLICATION is set")
    raise Unguarded(f"{' and '.join(told)} is not behind `bartizan.protect`")


def _import(name: str) -> Any:
    from django.utils.module_loading import import_string

    try:
        return import_string(name)
    except ImportError as fault:
        raise Unguarded(f"{name} cannot be imported: {fault}") from fault
