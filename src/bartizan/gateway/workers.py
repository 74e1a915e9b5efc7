"""Worker processes around a mount: how many there are, and the share of limits that each holds.

The processes share nothing, so each holds an equal part: together they let no more through than
the limit, and at least the limit less their number. The one exception is a limit that is smaller
than their number (`thin`): a part of it is one, so that each process lets one through.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.policy.config import Config, Limit

FLAGS = ("--workers", "-w")
COUNTED_BY = "WEB_CONCURRENCY"
"""Read by gunicorn, uvicorn and hypercorn's kin where no flag is given."""
UVICORN = "UVICORN_WORKERS"
SINGLE = frozenset((
    "daphne", "waitress-serve", "waitress", "uvicorn", "hypercorn", "fastapi", "flask", "gunicorn",
))  # fmt: skip
"""Servers that run one process unless told otherwise."""
GUNICORN_FILE = "__config__"
"""The module that gunicorn makes of its config file. Its worker still holds it: it is looked at,
never run a second time."""


def workers(config: Config, environ: Mapping[str, str], argv: Sequence[str]) -> int | None:
    """How many processes serve, None where nothing tells. The config stands above the server."""
    if "workers" in config.given:
        return config.workers
    program = PurePath(argv[0]) if argv else PurePath()
    name = program.parent.name if program.stem == "__main__" else program.stem
    if name not in SINGLE:
        return _number(environ.get(COUNTED_BY, ""))
    told = _flag(argv[1:])
    if told is None and name == "gunicorn":
        told = _flag(shlex.split(environ.get("GUNICORN_CMD_ARGS", ""))) or _by_file(argv[1:])
    if told is None and name == "uvicorn":
        told = _number(environ.get(UVICORN, ""))
    if told is None and name == "hypercorn":
        told = _by_toml(argv[1:])
    if told is None and name != "hypercorn":
        told = _number(environ.get(COUNTED_BY, ""))
    return 1 if told is None else told or None


def _by_file(words: Sequence[str]) -> int | None:
    """What gunicorn has read in a file, or in a module that is named by `python:`."""
    place = _after(words, ("--config", "-c")) or ""
    name = place.removeprefix("python:") if place.startswith("python:") else GUNICORN_FILE
    found = getattr(sys.modules.get(name), "workers", None)
    return found if isinstance(found, int) and found > 0 else None


def _by_toml(words: Sequence[str]) -> int | None:
    """What hypercorn reads in a file of settings; 0 where the file is code, which is not run."""
    place = _after(words, ("--config", "-c"))
    if place is None:
        return None
    if place.startswith(("python:", "file:")):
        return 0
    import tomllib

    try:
        found = tomllib.loads(Path(place).read_text(encoding="utf-8")).get("workers")
    except (OSError, ValueError):
        return 0
    return found if isinstance(found, int) else None


def _flag(words: Sequence[str]) -> int | None:
    told = _after(words, FLAGS)
    return None if told is None else _number(told)


def _after(words: Sequence[str], names: tuple[str, str]) -> str | None:
    """The value of a flag, by its long or its short name."""
    _, short = names
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else "".join(words[place + 1 : place + 2])
        if word.startswith(short) and len(word) > len(short):
            return word.removeprefix(short)
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
