"""The gateway process as a driver: real sockets on loopback, Events read back from its link.

Each row comes from an address of its own below 127.0.0.0/8, by which its Event is known again; rows
of one group share an address, since their limits count by it.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bartizan.gateway.link import (
    LOAD,
    STAND,
    STOP,
    WATCH,
    WATCHED,
    Events,
    FrameReader,
    Keys,
    Listening,
    decode,
    encode,
)
from bartizan.gateway.link import SOCKET as SOCKET_NAME
from bartizan.gateway.spawn import command
from tests.replay.asgi import body_of
from tests.replay.rows import Row
from tests.replay.world import World, standing

Event = dict[str, Any]
PATIENCE_S = 10.0


class Upstream:
    """An API that answers each request as the capture of the row recorded."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            head = [line.strip().lower() for line in iter(stream.readline, b"\r\n") if line]
            if not head:
                return
            sizes = [int(line[15:]) for line in head if line.startswith(b"content-length:")]
            stream.read(sizes[0] if sizes else 0)
            if any(line.startswith(b"transfer-encoding:") for line in head):
                while stream.readline().strip() != b"0":
                    pass
                stream.readline()
            connection.sendall(self._response(head[0].startswith(b"head ")))

    def _response(self, is_head: bool) -> bytes:
        body = body_of(self.answer.get("body"))
        fields = [
            *self.answer["fields"],
            ["content-length", str(len(body))],
            ["connection", "close"],
        ]
        lines = [f"HTTP/1.1 {self.answer['status']} -", *(f"{n}: {v}" for n, v in fields), "", ""]
        return "\r\n".join(lines).encode("latin-1") + (b"" if is_head else body)

    def close(self) -> None:
        """No more connections."""
        self._door.close()


class Process:
    """A gateway process of the corpus world, and the control side of its link."""

    def __init__(self, world: World, upstream: str) -> None:
        state = world.folder / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(command(state))
        self._link = _joined(state / SOCKET_NAME)
        self._frames = FrameReader()
        self.events: dict[str, list[Event]] = {}
        self.address = ("127.0.0.1", 0)
        self.admin = ""
        self._keyed: set[str] = set()
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        written = json.loads(world.compiled.options)
        upstreams = [f"http://{upstream}"] * len(written["upstreams"])
        options = written | {
            "upstreams": upstreams, "listen": "127.0.0.1:0", "admin": "127.0.0.1:0",
            "state": str(state),
        }  # fmt: skip
        load = {
            "options": options, "form": json.loads(world.compiled.form),
            "secrets": json.loads(world.compiled.secrets),
        }  # fmt: skip
        self._link.sendall(encode(WATCH, WATCHED))
        self._link.sendall(encode(STAND, standing(int(time.time()))))
        self._link.sendall(encode(LOAD, json.dumps(load).encode()))
        self.await_(lambda: self.address[1] != 0 and self._keyed >= set(world.believed))

    def await_(self, holds: Any) -> None:
        """Until `holds()`, or TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(holds, PATIENCE_S):
                raise TimeoutError("the gateway process does not tell")

    def _read(self) -> None:
        while data := self._link.recv(1 << 16):
            for kind, payload in self._frames.feed(data):
                with self._changed:
                    self._take(decode(kind, payload))
                    self._changed.notify_all()

    def _take(self, message: object) -> None:
        match message:
            case Listening(address, admin):
                host, _, port = address.rpartition(":")
                self.address, self.admin = (host, int(port)), admin
            case Keys(issuer=issuer):
                self._keyed.add(issuer)
            case Events(_, notable, others):
                for line in (*notable, *others.splitlines()):
                    event = json.loads(line)
                    self.events.setdefault(event["peer"], []).append(event)
            case _:
                pass

    def stop(self) -> int:
        """Winds it down; its exit status."""
        try:
            self._link.sendall(encode(STOP))
            return self._process.wait(PATIENCE_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            return self._process.wait()
        finally:
            self._reader.join(PATIENCE_S)
            self._link.close()


def _joined(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            link.connect(str(path))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return link


def stream_of(capture: dict[str, Any]) -> bytes:
    """The bytes a client sends for a capture."""
    request = capture["request"]
    if "raw" in request:
        return body_of({"base64": request["raw"]})
    lines = [f"{request['method']} {request['target']} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request["fields"]]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body_of(request["body"])


def _peers(rows: Sequence[Row]) -> dict[str, str]:
    groups: dict[str, str] = {}
    for number, row in enumerate(rows):
        net = 200 if row.capture["peer"].startswith("10.") else 1 + number // 60000
        peer = f"127.{net}.{number // 250 % 240}.{1 + number % 250}"
        # Login counts by the address that the capture says.
        of = f"{row.group} {row.capture['peer']}" if row.group else row.name
        groups.setdefault(of, peer)
    return {
        row.name: groups[f"{row.group} {row.capture['peer']}" if row.group else row.name]
        for row in rows
    }


def play(world: World, rows: Sequence[Row], _now_ms: int) -> Iterator[tuple[Row, Event]]:
    """Every row over a socket; then the Events, matched by their address."""
    upstream = Upstream()
    process = Process(world, upstream.address)
    peers = _peers(rows)
    grouped: dict[str, Event] = {}
    try:
        for row in rows:
            upstream.answer = row.capture.get("response", {})
            peer = peers[row.name]
            exchange(process.address, peer, row)
            if row.group:
                seen = sum(1 for name in grouped if peers[name] == peer)
                process.await_(
                    lambda peer=peer, seen=seen: len(process.events.get(peer, ())) > seen
                )
                grouped[row.name] = process.events[peer][seen]
        singles = [row.name for row in rows if not row.group]
        process.await_(lambda: all(peers[name] in process.events for name in singles))
    finally:
        status = process.stop()
        upstream.close()
    assert status == 0
    for row in rows:
        if row.group:
            yield row, grouped[row.name]
        else:
            (event,) = process.events[peers[row.name]]
            yield row, event


def exchange(address: tuple[str, int], peer: str, row: Row) -> tuple[int, bytes]:
    """Status and body that the client gets; 0 where nothing came."""
    with socket.create_connection(address, PATIENCE_S, source_address=(peer, 0)) as client:
        try:
            client.sendall(stream_of(row.capture))
            if "truncated" in row.name:
                client.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # answered before all was sent
        method = row.capture["request"].get("method", "GET")
        answer = http.client.HTTPResponse(client, method=method)
        try:
            answer.begin()
            return answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            return 0, b""
