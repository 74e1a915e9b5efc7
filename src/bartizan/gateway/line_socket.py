"""Unix sockets of the control process on which a client sends one JSON line and reads lines."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def bind(path: Path, serve: Serve) -> asyncio.Server:
    """Serves `path` (mode 0600). A stale file of a dead process is replaced."""
    path.unlink(missing_ok=True)  # noqa: ASYNC240, one name in our own directory
    server = await asyncio.start_unix_server(serve, path)
    path.chmod(0o600)  # noqa: ASYNC240, the same
    return server


def ask(path: Path, request: Mapping[str, object]) -> Iterator[bytes]:
    """Lines as they come, until the other side ends. Raises OSError if none is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(path))
        client.sendall(json.dumps(request).encode() + b"\n")
        with client.makefile("rb") as stream:
            yield from (line.rstrip(b"\n") for line in stream)
