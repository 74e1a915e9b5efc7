"""The gateway process alone: the test plays its control process over the Unix socket."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bartizan.gateway.link import (
    LOAD,
    STOP,
    WATCH,
    WATCHED,
    Counters,
    Events,
    FrameReader,
    Listening,
    Loaded,
    Message,
    Refused,
    decode,
    encode,
)
from bartizan.gateway.spawn import command
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.sources import read
from tests.journey.api import PATIENCE_S, Api, until
from tests.journey.client import Client
from tests.journey.conftest import write_config
from tests.journey.guard import environment


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled Policy as a `load` carries it."""

    payload: bytes
    hash: str


def compiled(folder: Path, api: Api, config: Mapping[str, Any]) -> Policy:
    """Compiles the API's document under this config."""
    write_config(folder, api, dict(config))
    (folder / "openapi.json").write_text(json.dumps(api.openapi), encoding="utf-8")
    own = load(folder / "bartizan.yaml", overrides=Overrides(), environ={})
    description = read(str(folder / "openapi.json"), lambda name: Path(name).read_bytes())
    made = compile_policy(own, description)
    parts = (made.options, made.form, made.secrets)
    return Policy(b'{"options":%s,"form":%s,"secrets":%s}' % parts, made.hash)


@dataclass
class Gateway:
    """A gateway process with the state directory `state`."""

    state: Path
    address: str = ""
    admin: str = ""
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.state.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            command(self.state), env=environment(), stdin=subprocess.DEVNULL
        )
        until(lambda: (self.state / "gateway.sock").exists() or None, what="the control socket")

    def client(self) -> Client:
        return Client.connect(self.address)

    def is_alone(self) -> bool:
        """Whether no control process is joined."""
        with Client.connect(self.admin) as client:
            return b'"control": "absent"' in client.call("GET", "/readyz?verbose").body

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)


class Link:
    """A control process, joined to a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.stream.settimeout(PATIENCE_S)
        until(self._joins, what="a gateway that can be joined")
        self.stream.sendall(encode(WATCH, WATCHED))
        self.frames = FrameReader()
        self.waiting: list[Message] = []
        self.events: list[dict[str, Any]] = []
        # All Events of all batches, those that came as a number included.
        self.delivered = 0
        self.counters: Counters | None = None

    def _joins(self) -> bool | None:
        try:
            self.stream.connect(os.fspath(self.gateway.state / "gateway.sock"))
        except OSError:
            return None
        return True

    def load(self, policy: Policy) -> Loaded | Refused:
        """Puts a Policy in force; gives the answer."""
        self.stream.sendall(encode(LOAD, policy.payload))
        answer = self.wait_for(Loaded, Refused)
        assert isinstance(answer, Loaded | Refused)
        return answer

    def listen(self) -> None:
        """Waits for the addresses."""
        listening = self.wait_for(Listening)
        assert isinstance(listening, Listening)
        self.gateway.address, self.gateway.admin = listening.address, listening.admin

    def wait_for(self, *kinds: type[Message]) -> Message:
        """The next message of these kinds."""
        while True:
            for message in self.waiting:
                if isinstance(message, kinds):
                    self.waiting.remove(message)
                    return message
            self.take()

    def take(self) -> bool:
        """Reads once; False when the gateway has left."""
        data = self.stream.recv(1 << 20)
        for kind, payload in self.frames.feed(data):
            message = decode(kind, payload)
            if isinstance(message, Events):
                lines = (*message.notable, *message.others.splitlines())
                self.events += map(json.loads, lines)
                assert message.count >= len(lines)
                self.delivered += message.count
            elif isinstance(message, Counters):
                self.counters = message
            elif message is not None:
                self.waiting.append(message)
        return bool(data)

    def counts(self) -> Counters:
        """The counts of now, or of a second ago at most."""
        before = self.counters
        while (now := self.counters) is before or now is None:
            assert self.take(), "the gateway left"
        return now

    def stop(self) -> None:
        """Winds the gateway down and reads everything it still says."""
        self.stream.sendall(encode(STOP))
        while self.take():
            pass
        self.leave()

    def leave(self) -> None:
        self.stream.close()
