"""Bartizan: a guard in front of an HTTP API.

The public names load on first use, so that `bartizan version` stays as fast as bare Python.
"""

from importlib import import_module

__version__ = "0.1.0"
__all__ = ["__version__", "owns", "protect", "users"]

_HOMES = {
    "owns": "bartizan.gateway.owns",
    "protect": "bartizan.gateway.protect",
    "users": "bartizan.gateway.users",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bartizan' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
