"""Secret: a text that cannot be printed."""

from __future__ import annotations

import hmac
from typing import NoReturn

MASK = "[secret]"


class Secret:
    """Holds a text. repr, str and format give `[secret]`; pickling and copying out are refused.

    Only `reveal` gives the text: grep for it to see every use.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hold `text`."""
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        """`[secret]`."""
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """`[secret]`, whatever the format."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """In constant time; only another Secret can be equal."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        """The same for all, so that it tells nothing."""
        return hash(Secret)

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._text)

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        message = "a secret cannot be serialised"
        raise TypeError(message)
