"""Judges recorded Requests by a Policy, offline: the core's own replay, and its keyed hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


class CaptureFault(ValueError):
    """A line is no capture. `line`: its number, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """What judges: the form of a Policy, and Live as it is to be.

    seed: 16 bytes for the limit table. pepper: of the API keys. keys: key sets as JSON by the
    index of their issuer in the form; now_ms: the time they are taken in.
    """

    form: bytes
    seed: bytes
    pepper: bytes | None = field(default=None, repr=False)
    keys: Mapping[int, bytes] = field(default_factory=dict)
    now_ms: int = 0


def replay(court: Court, captures: Iterable[bytes]) -> Iterator[bytes]:
    """The closing Event (JSON) of each capture, in order, over one Live.

    Raises CaptureFault, and PolicyFault when the form is no Policy. Empty lines are passed over.
    """
    return (event for _number, event in judged(court, captures))


def judged(
    court: Court, captures: Iterable[bytes], unread: Callable[[int], None] | None = None
) -> Iterator[tuple[int, bytes]]:
    """As `replay`, each with the number of its line, from 1.

    unread: takes the number of a capture that lacks the body which decides; without it such a line
    raises CaptureFault, too.
    """
    policy = _core.Policy.load(court.form)
    live = _core.Live(policy, court.seed, court.pepper)
    for issuer, keys in court.keys.items():
        live.load_keys(issuer, keys, court.now_ms)
    for number, capture in enumerate(captures, 1):
        if not capture.strip():
            continue
        try:
            event, _body, _fields = _core.replay(policy, live, capture, number=number)
        except _core.Unread as missing:
            if unread is None:
                raise CaptureFault(number, str(missing)) from missing
            unread(number)
        except ValueError as fault:
            raise CaptureFault(number, str(fault)) from fault
        else:
            yield number, bytes(event)


def core_version() -> str:
    """The version of the compiled core."""
    return _core.version()


def hash_api_key(pepper: str, key: str) -> str:
    """Lower-case hex of HMAC-SHA-256(pepper, key), as the config holds it."""
    return _core.hash_api_key(pepper.encode(), key.encode())
