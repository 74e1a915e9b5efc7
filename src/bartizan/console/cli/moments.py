"""Times as people write them and read them."""

from __future__ import annotations

from datetime import UTC, datetime

from bartizan.console.cli.kept import span_ms
from bartizan.console.terminal import Stopped


def moment_s(text: str, now_s: int) -> int:
    """Unix seconds of `now`, a date (UTC unless it says a zone), or `90d`: so long after `now_s`.

    Raises Stopped.
    """
    if text == "now":
        return now_s
    if text[-1:] in "smhd" and text[:-1].isdigit():
        return now_s + span_ms(text) // 1000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{text[:40]}` is not a time"
        raise Stopped(message, hint="write `2027-01-31`, `2027-01-31T12:00:00Z` or `90d`") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def shown(moment_s: int | None, never: str = "never") -> str:
    """`2027-01-31 12:00 UTC`."""
    if moment_s is None:
        return never
    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
