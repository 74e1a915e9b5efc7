"""What the control process needs from outside, and the plan that it carries out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bartizan.gateway import spawn
    from bartizan.gateway.link import Events
    from bartizan.gateway.record import Locate
    from bartizan.gateway.standing import Standing
    from bartizan.store.ports import Notables


class Writer(Protocol):
    """The part of a stream writer that is used here."""

    def write(self, data: bytes) -> None:
        """Queues bytes."""

    def close(self) -> None:
        """Ends the stream once they are sent."""


class TailPort(Protocol):
    """Where batches are handed on to for `tail`."""

    def hand_on(self, batch: Events) -> None:
        """Takes one batch."""

    def tell_watched(self, tell: Callable[[bool], None]) -> None:
        """From now on `tell` hears whether somebody reads along, whenever that changes."""


class CapturesPort(Protocol):
    """Where captures go, and where orders for them come from."""

    send: Callable[[bytes], None]

    async def open(self) -> None:
        """Begins to take orders."""

    def close(self) -> None:
        """Takes no more orders."""

    def take(self, capture: bytes) -> None:
        """Takes one capture."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One compiled Policy, as the gateway process is to run it.

    load: payload of the `load` frame (secrets inside: never shown). files: watched for changes.
    takes_keys: whether issued API keys are let in. operations: ids of all its Operations.
    """

    load: bytes = field(repr=False)
    hash: str
    locate: Locate
    files: tuple[Path, ...] = ()
    takes_keys: bool = False
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the control process needs from outside.

    plan: compiles anew, in a thread; raises what `explain_fault` can put in words.
    say: one line for the operator. tick_s: between two looks at files and waiting Events.
    """

    plan: Callable[[], Plan]
    explain_fault: Callable[[Exception], str]
    store: Notables
    standing: Standing
    tail: TailPort
    say: Callable[[str], None]
    spawn: Callable[[], Awaitable[spawn.Process]]
    connect: Callable[[], Awaitable[tuple[asyncio.StreamReader, Writer]]]
    captures: CapturesPort | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    tick_s: float = 0.5
