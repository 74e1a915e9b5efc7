"""The typed face of the compiled core; the only module that imports `native`."""

from bartizan._core.native import (
    Exchange,
    Live,
    Policy,
    PolicyFault,
    Reply,
    Step,
    Unread,
    codes,
    hash_api_key,
    replay,
    run,
    version,
)

__all__ = [
    "Exchange",
    "Live",
    "Policy",
    "PolicyFault",
    "Reply",
    "Step",
    "Unread",
    "codes",
    "hash_api_key",
    "replay",
    "run",
    "version",
]
