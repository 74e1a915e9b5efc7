"""Live traffic for `bartizan tail`: filters on Event lines, and the Unix socket that serves them.

A client sends one JSON line (its filter, and how many of the newest Events it wants first) and
reads Event lines until either side leaves.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bartizan.gateway.line_socket import ask, bind
from bartizan.model.event import EventFault, parse_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bartizan.gateway.link import Events

SOCKET = "control.sock"
BACKLOG_MAX_BYTES = 1 << 20
WAITING_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which Events: empty members do not filter. `status`: `404`, or a class such as `4xx`."""

    operation: str = ""
    verdict: str = ""
    principal: str = ""
    status: str = ""

    def fits(self, line: bytes) -> bool:
        """Whether the Event in this line is wanted. Cost: a parse, unless nothing filters."""
        if self == Filter():
            return True
        try:
            event = parse_event(line)
        except EventFault:
            return False
        subject = event.principal.subject if event.principal else ""
        return (
            self.operation in ("", event.operation, event.route)
            and self.verdict in ("", event.verdict)
            and self.principal in ("", subject)
            and _status_fits(self.status, event.status)
        )


def is_status(wanted: str) -> bool:
    """Whether this is a status or a class of them: `404`, `4xx`."""
    return re.fullmatch(r"[1-5][0-9xX]{2}", wanted) is not None


def _status_fits(wanted: str, status: int) -> bool:
    text = str(status)
    pairs = zip(wanted.lower(), text, strict=False)
    return not wanted or (len(wanted) == len(text) and all(w in ("x", t) for w, t in pairs))


def parse_filter(line: bytes) -> tuple[Filter, int]:
    """The filter of a client, and how many Events of before it wants. Raises ValueError.

    Members that are not known are ignored.
    """
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("a filter is a JSON object")  # noqa: TRY004, one type for a bad line
    known = Filter.__dataclass_fields__
    wanted = Filter(**{name: str(value) for name, value in data.items() if name in known})
    last = data.get("last", 0)
    return wanted, last if isinstance(last, int) else 0


class Tail:
    """Serves `path` and hands on batches. Without clients a batch costs one append."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._recent: deque[Events] = deque()
        self._recent_bytes = 0
        self._clients: dict[asyncio.StreamWriter, Filter] = {}
        self._server: asyncio.Server | None = None
        self._tell: Callable[[bool], None] = lambda _is_watched: None

    async def open(self) -> None:
        """Binds the socket (mode 0600). A stale file of a dead process is replaced."""
        self._server = await bind(self._path, self._serve)

    def close(self) -> None:
        """Ends all clients and takes the socket away."""
        if self._server:
            self._server.close()
        for writer in list(self._clients):
            writer.close()
        self._path.unlink(missing_ok=True)

    def tell_watched(self, tell: Callable[[bool], None]) -> None:
        """From now on `tell` hears whether there are clients, whenever that changes."""
        self._tell = tell

    def hand_on(self, batch: Events) -> None:
        """Gives a batch to every client; one that cannot keep up loses lines, never the gateway."""
        self._remember(batch)
        for writer, wanted in self._clients.items():
            if writer.transport.get_write_buffer_size() < WAITING_MAX_BYTES:
                writer.write(lines(batch, wanted))

    def _remember(self, batch: Events) -> None:
        self._recent.append(batch)
        self._recent_bytes += _size(batch)
        while self._recent_bytes > BACKLOG_MAX_BYTES:
            self._recent_bytes -= _size(self._recent.popleft())

    def _newest(self, wanted: Filter, count: int) -> bytes:
        """Up to `count` wanted lines of what is remembered, the oldest of them first."""
        found: list[bytes] = []
        for batch in reversed(self._recent):
            if len(found) >= count:
                break
            found[:0] = lines(batch, wanted).splitlines(keepends=True)
        return b"".join(found[-count:] if count > 0 else [])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            wanted, last = parse_filter(await reader.readline())
            writer.write(self._newest(wanted, last))
            self._admit(writer, wanted)
            await reader.read()
        except (ValueError, OSError):
            pass  # A client that does not speak our one-line protocol, or left, is let go.
        except asyncio.CancelledError:
            pass  # The process ends. Python 3.11 prints a stack trace when this task is cancelled.
        finally:
            if self._clients.pop(writer, None) and not self._clients:
                self._tell(False)  # noqa: FBT003, the one fact that is told
            writer.close()

    def _admit(self, writer: asyncio.StreamWriter, wanted: Filter) -> None:
        self._clients[writer] = wanted
        if len(self._clients) == 1:
            self._tell(True)  # noqa: FBT003, the one fact that is told


def _size(batch: Events) -> int:
    return len(batch.others) + sum(map(len, batch.notable))


def lines(batch: Events, wanted: Filter) -> bytes:
    """The wanted lines of a batch, each with its line end, in order of time of arrival."""
    fitting = [line for line in (*batch.notable, *batch.others.splitlines()) if wanted.fits(line)]
    return b"".join(line + b"\n" for line in fitting)


def follow(path: Path, wanted: Filter, last: int = 0) -> Iterator[bytes]:
    """Event lines as they come, until the control process ends. Raises OSError if none is there.

    last: how many of the newest Events of before come first.
    """
    return ask(path, {**asdict(wanted), "last": last})
