"""Secrets known by their shape, whatever name they stand under: keys, tokens, cards, passwords.

Nothing is proven here: what looks like a secret is masked, and a secret without a shape is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MASK = "[masked]"
_KEYS = re.compile(
    # Ours; JWTs; behind a scheme of HTTP; AWS, GitHub, Slack, Stripe.
    r"btz_[a-z]{3}_[a-z]{4}_[0-9A-Za-z_]++|(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+"
    r"|(?<=bearer )[^\s\"',;]++|(?<=basic )[A-Za-z0-9+/]{8,}+=*+"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[opsur]_[0-9A-Za-z]{30,}+|\bgithub_pat_\w{22,}+"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}+|\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}+",
    re.IGNORECASE,
)
_PEM = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]*PRIVATE KEY)-----(?:.*?-----END (?P=label)-----|.*)", re.DOTALL
)
_USER = re.compile(r"(?<=://)([^\s/:@]{0,256}):([^\s/@]{1,256})@")
_CARD = re.compile(r"(?<![\w.-])[2-6][0-9]{3}(?:[ -]?[0-9]){8,14}(?![\w-])(?!\.[0-9])")
# `name: value`, `name=value`, `"name": "value"`, `<name>value`.
_NAME = re.compile(
    r"(?P<name>[A-Za-z][\w.-]{0,63})(?:\s*+[\"']?+\s*+[:=]\s*+|\s*+>\s*+)(?=[^\s<>&,;])"
)
_VALUE = re.compile(r"\"[^\"\n]*+\"?|'[^'\n]*+'?|[^\s\"'<>&,;]++")


def shapeless(text: str) -> str:
    """`text` with what has the shape of a secret masked. Cost: O(text)."""
    text = _USER.sub(rf"\1:{MASK}@", _KEYS.sub(MASK, _PEM.sub(MASK, text)))
    return _CARD.sub(lambda found: MASK if is_card(found[0]) else found[0], text)


def unnamed(text: str, is_secret: Callable[[str], bool]) -> str:
    """`text` with what stands behind the name of a secret masked, and with `shapeless`."""
    # First whole tokens: of `Authorization: Bearer X` a name would take the scheme alone.
    text = shapeless(text)
    made: list[str] = []
    done = at = 0
    while found := _NAME.search(text, at):
        # What stands behind another name may hold one itself: `data: token=X`.
        at = found.end()
        value = _VALUE.match(text, at) if is_secret(found["name"]) else None
        if value is not None:
            quote = value[0][0] if value[0][0] in "\"'" else ""
            made += [text[done:at], f"{quote}{MASK}{quote}"]
            done = at = value.end()
    return "".join([*made, text[done:]])


def is_card(text: str) -> bool:
    """Whether the digits pass the check of payment cards (ISO/IEC 7812-1, the Luhn formula)."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [one if place % 2 == 0 else sum(divmod(2 * one, 10))
               for place, one in enumerate(reversed(digits))]  # fmt: skip
    return sum(doubled) % 10 == 0
