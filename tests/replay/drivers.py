"""Drivers of one state machine: each plays rows and gives what their Events say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bartizan import _core
from tests.replay import asgi, gateway, wsgi
from tests.replay.rows import ASGI, GATEWAY, REPLAY, WSGI, Expect, Row
from tests.replay.world import World

Event = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the client gets. body: None where nothing came back; fields: in order."""

    body: bytes | None
    fields: tuple[tuple[bytes, bytes], ...]


def decision(event: dict[str, Any]) -> Expect:
    """The Decision of an Event, findings of the response included."""
    findings = tuple(
        (
            reason["code"], reason["in"], reason.get("name", ""), reason.get("pointer", ""),
            reason["standing"],
        )
        for reason in event.get("reasons", ())
    )  # fmt: skip
    status = event.get("decided_status", 0)
    return Expect(event["verdict"], status, findings, event["enforcement"])


def replay(
    world: World, rows: Iterable[Row], now_ms: int, without: str | None = None
) -> Iterator[tuple[Row, Event, Answer]]:
    """Row, Event and what the client gets by `bartizan replay`'s own driver; one Live a group."""
    lives: dict[str, _core.Live] = {}
    for number, row in enumerate(rows):
        if row.group not in lives:
            lives[row.group] = world.live(now_ms)
        capture = json.dumps(row.capture).encode()
        event, body, fields = _core.replay(
            world.policy, lives[row.group], capture, number=number, without=without
        )
        yield row, json.loads(event), Answer(body, tuple(fields))


@dataclass(frozen=True)
class Driver:
    """A mount by name. play: rows in order to pairs of row and Event."""

    name: str
    play: Callable[[World, Sequence[Row], int], Iterable[tuple[Row, Event]]]
    at_least: int


def _replayed(world: World, rows: Sequence[Row], now_ms: int) -> Iterator[tuple[Row, Event]]:
    for row, event, _ in replay(world, rows, now_ms):
        yield row, event


DRIVERS = (
    Driver(REPLAY, _replayed, 850),
    Driver(ASGI, asgi.play, 700),
    Driver(WSGI, wsgi.play, 600),
    Driver(GATEWAY, gateway.play, 800),
)
