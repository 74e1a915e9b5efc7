"""Starts the gateway process: Python that loads the core, calls `run`, and never comes back."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Protocol

from bartizan.gateway.link import SOCKET

if TYPE_CHECKING:
    from pathlib import Path

# Linux keeps 108 bytes for the path of a Unix socket, its NUL included.
SOCKET_PATH_MAX_BYTES = 107

_MAIN = "import sys; from bartizan._core import run; sys.exit(run(sys.argv[1].encode()))"


class Process(Protocol):
    """What the control process needs of a process it started."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def returncode(self) -> int | None:
        """Its exit status; None while it runs."""

    async def wait(self) -> int:
        """Its exit status, once it has ended."""

    def kill(self) -> None:
        """Ends it at once."""


def command(state: Path) -> list[str]:
    """The command line of the gateway process: only the state directory, never a secret."""
    options = {"state": str(state), "socket": str(state / SOCKET)}
    return [sys.executable, "-c", _MAIN, json.dumps(options)]


async def spawn(state: Path) -> Process:
    """A running gateway process, in a session of its own.

    So a terminal's Ctrl-C reaches only the control process, which then winds it down.
    """
    return await asyncio.create_subprocess_exec(*command(state), start_new_session=True)


async def connect(state: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Joins the gateway process of this state directory. Raises OSError if none listens."""
    return await asyncio.open_unix_connection(state / SOCKET, limit=4 << 20)
