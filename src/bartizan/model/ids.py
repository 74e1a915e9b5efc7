"""Ids as types, so that one kind is not taken for another."""

from __future__ import annotations

import re
from typing import NewType

from bartizan.model.errors import fault

OperationId = NewType("OperationId", str)
"""`GET /users/{id}`: method and path template with its base path."""

PolicyHash = NewType("PolicyHash", str)
"""Lower-case hex of SHA-256 over the canonical form."""

Reference = NewType("Reference", str)
"""Id of one Exchange: 16 characters of Crockford's base32, lower case."""

_REFERENCE = re.compile(r"[0-9a-hjkmnp-tv-z]{16}")


def require_reference(text: str) -> Reference:
    """The reference id in `text`, which people may have copied in upper case or with blanks.

    Raises Fault "usage.bad-reference" when it is not 16 characters of Crockford's base32
    (the letters i, l, o and u are not in it).
    """
    folded = text.strip().lower()
    if _REFERENCE.fullmatch(folded) is None:
        message = f"`{text.strip()[:40]}` is not a reference id"
        raise fault(
            "usage.bad-reference",
            message,
            hint="it is 16 letters and digits, as in the `instance` of an answer",
        )
    return Reference(folded)
