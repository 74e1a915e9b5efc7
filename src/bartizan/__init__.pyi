"""The public names of Bartizan. Nothing of it is imported before it is used."""

from bartizan.gateway.protect import protect as protect

__all__ = ["__version__", "protect"]

__version__: str
