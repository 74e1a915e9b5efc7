"""The public names of Bartizan. Nothing of it is imported before it is used."""

from bartizan.gateway.owns import owns as owns
from bartizan.gateway.protect import protect as protect
from bartizan.gateway.users import users as users

__all__ = ["__version__", "owns", "protect", "users"]

__version__: str
