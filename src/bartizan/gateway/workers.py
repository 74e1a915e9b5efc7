"""Worker processes around a mount: how many there are, and the share of limits that each holds.

The processes share nothing, so each holds an equal part: together they let no more through than
the limit, and at least the limit less their number. The one exception is a limit that is smaller
than their number (`thin`): a part of it is one, so that each process lets one through.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.policy.config import Config, Limit

FLAGS = ("--workers", "-w")
COUNTED_BY = "WEB_CONCURRENCY"
"""Read by gunicorn, uvicorn and hypercorn's kin where no flag is given."""
SINGLE = frozenset(("daphne", "waitress-serve", "waitress", "uvicorn", "hypercorn"))
"""Servers that run one process unless told otherwise; gunicorn may have a file that says so."""


def workers(config: Config, environ: Mapping[str, str], argv: Sequence[str]) -> int | None:
    """How many processes serve, None where nothing tells. The config stands above the server."""
    if "workers" in config.given:
        return config.workers
    program = PurePath(argv[0]) if argv else PurePath()
    name = program.parent.name if program.stem == "__main__" else program.stem
    if name not in {*SINGLE, "gunicorn"}:
        return _number(environ.get(COUNTED_BY, ""))
    for words in (argv[1:], shlex.split(environ.get("GUNICORN_CMD_ARGS", ""))):
        told = _flag(words)
        if told is not None:
            return told
    told = _number(environ.get(COUNTED_BY, ""))
    return 1 if told is None and name in SINGLE else told


def _flag(words: Sequence[str]) -> int | None:
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in FLAGS:
            return _number(value if equals else "".join(words[place + 1 : place + 2]))
        if word.startswith("-w") and word[2:].isdigit():
            return _number(word[2:])
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and int(text) > 0 else None


def divided(config: Config, count: int) -> Config:
    """`config` with one process's share of every limit. A share of a burst is one at least."""
    if count == 1:
        return config
    operations = {
        name: replace(one, limits=tuple(_share(limit, count) for limit in one.limits))
        for name, one in config.operations.items()
    }
    limits = tuple(_share(limit, count) for limit in config.limits)
    return replace(config, limits=limits, operations=operations)


def thin(config: Config, count: int) -> int:
    """How many limits let less through at once than there are processes."""
    limits = [*config.limits, *(one for own in config.operations.values() for one in own.limits)]
    return sum(_at_once(one) < count for one in limits)


def _at_once(limit: Limit) -> int:
    if limit.rate is None:
        return limit.concurrency or 1
    return limit.burst if limit.burst is not None else limit.rate.count


def _share(limit: Limit, count: int) -> Limit:
    if limit.rate is None:
        return replace(limit, concurrency=max(1, _at_once(limit) // count))
    rate = replace(limit.rate, window_ms=limit.rate.window_ms * count)
    return replace(limit, rate=rate, burst=max(1, _at_once(limit) // count))
