"""The capture window as seen by the control process: one client at a time, on a Unix socket.

A client sends its order (JSON, one line) and reads redacted captures, one a line, until a bound of
the order is reached or it leaves; then the window of the gateway process is shut.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bartizan.gateway.line_socket import ask, bind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOCKET = "capture.sock"
COUNT_MAX = 1_000_000
BYTES_MAX = 1 << 30
BODY_MAX_BYTES = 1 << 20
TIME_MAX_MS = 24 * 3_600_000
SHUT = b'{"until_ms":0}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client wants; every member bounds it. until_ms: Unix milliseconds."""

    until_ms: int
    count: int = 100
    total_max_bytes: int = 10 << 20
    body_max_bytes: int = 64 << 10
    operations: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()

    def payload(self) -> bytes:
        """As the gateway process reads it."""
        data = asdict(self)
        del data["mask"]
        data["bytes"] = data.pop("total_max_bytes")
        return json.dumps(data).encode()


def parse_order(line: bytes, now_ms: int) -> Order:
    """The order of a client, cut to what is allowed. Raises ValueError."""
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("an order is a JSON object")  # noqa: TRY004 -- one type for a bad line
    try:
        return Order(
            until_ms=min(int(data["until_ms"]), now_ms + TIME_MAX_MS),
            count=min(int(data["count"]), COUNT_MAX),
            total_max_bytes=min(int(data["total_max_bytes"]), BYTES_MAX),
            body_max_bytes=min(int(data["body_max_bytes"]), BODY_MAX_BYTES),
            operations=tuple(map(str, data["operations"])),
            mask=tuple(str(name).lower() for name in data["mask"]),
        )
    except (KeyError, TypeError) as fault:
        raise ValueError("an order lacks a member") from fault


class Captures:
    """Serves `path`. `send` gives an order to the gateway process; set before `open`."""

    def __init__(
        self,
        path: Path,
        redact: Callable[[bytes, tuple[str, ...]], bytes],
        now_ms: Callable[[], int],
    ) -> None:
        """redact: a capture without its secrets, given further names to mask."""
        self._path = path
        self._redact = redact
        self._now_ms = now_ms
        self._client: asyncio.StreamWriter | None = None
        self._order = Order(until_ms=0)
        self._left = 0
        self._server: asyncio.Server | None = None
        self.send: Callable[[bytes], None] = lambda _payload: None

    async def open(self) -> None:
        """Binds the socket (mode 0600)."""
        self._server = await bind(self._path, self._serve)

    def close(self) -> None:
        """Ends the client and takes the socket away."""
        if self._server:
            self._server.close()
        self._shut()
        self._path.unlink(missing_ok=True)

    def take(self, capture: bytes) -> None:
        """One capture of the gateway process: redacted, and given to the client."""
        if self._client is None:
            return
        try:
            line = self._redact(capture, self._order.mask)
        except (ValueError, KeyError, TypeError):
            return  # What cannot be redacted is not kept.
        self._client.write(line + b"\n")
        self._left -= 1
        if self._left <= 0:
            self._shut()

    def _shut(self) -> None:
        self.send(SHUT)
        if self._client is not None:
            self._client.close()
        self._client = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._client is not None:
            writer.write(b'{"error":"another capture is under way"}\n')
            writer.close()
            return
        try:
            order = parse_order(await reader.readline(), self._now_ms())
            self._client, self._order, self._left = writer, order, order.count
            self.send(order.payload())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(order.until_ms - self._now_ms(), 0) / 1000):
                    await reader.read()
        except (ValueError, OSError):
            pass  # A client that does not speak our one-line protocol, or left, is let go.
        except asyncio.CancelledError:
            pass  # The process ends.
        finally:
            if self._client is writer:
                self._shut()
            writer.close()


def captured(path: Path, order: Order) -> Iterator[bytes]:
    """Redacted captures as they come. Raises OSError if no control process is there."""
    return ask(path, asdict(order))
