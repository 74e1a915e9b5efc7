"""`bartizan up` as a real process, and what can be seen of it from outside."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bartizan.gateway.tail import SOCKET, Filter, follow
from tests.journey.api import PATIENCE_S, until
from tests.journey.client import Client, Response

MAIN = "import sys; from bartizan.console.cli import main; sys.exit(main())"
ANYWHERE = "127.0.0.1:0"
START_S = 30.0


def command(*words: str) -> list[str]:
    """The command line of `bartizan`, whether or not it is installed."""
    return [sys.executable, "-c", MAIN, *words]


def environment() -> dict[str, str]:
    """Ours, without what could change a run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BARTIZAN_")}


def bartizan(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command run to its end in `folder`."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


def explained(folder: Path, reference: str) -> dict[str, Any]:
    """What `explain` says as JSON, once the Event is in the table."""

    def say() -> dict[str, Any] | None:
        done = bartizan(folder, "explain", reference, "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    return until(say, 2 * START_S, f"the explanation of {reference}")


def exists(pid: int) -> bool:
    """Whether a process runs; one that nobody waited for yet does not count."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def gateway_of(state: Path) -> int:
    """The gateway process whose only argument is this state directory; 0 when none runs."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            *_, main, options, _end = (entry / "cmdline").read_bytes().split(b"\0")
            if b"bartizan._core import run" in main:
                named = (entry / "cwd").readlink() / json.loads(options)["state"]
                if named == state and exists(int(entry.name)):
                    return int(entry.name)
    return 0


@dataclass
class Guard:
    """A running `bartizan up` in `folder`. `words`: its arguments."""

    folder: Path
    words: Sequence[str]
    events: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""
    admin: str = ""
    gateway_pid: int = 0
    as_json: bool = True
    process: subprocess.Popen[bytes] = field(init=False)
    starts: int = 0

    def __post_init__(self) -> None:
        self.start()

    @property
    def state(self) -> Path:
        return self.folder / ".bartizan"

    @property
    def out(self) -> str:
        return self._log("out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._log("err").read_text(encoding="utf-8")

    def _log(self, name: str) -> Path:
        return self.folder / f"{self.starts}.{name}"

    def start(self) -> None:
        """Starts the control process, which starts or joins the gateway process."""
        self.starts += 1
        with self._log("out").open("wb") as out, self._log("err").open("wb") as err:
            self.process = subprocess.Popen(
                command("up", *self.words, *(["--json"] if self.as_json else [])),
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        said = until(self._said, START_S, "the address")
        self.address, self.admin = said
        self.find_gateway()
        threading.Thread(target=self._listen, daemon=True).start()

    def _said(self) -> list[str] | None:
        """The two addresses, once all of it is printed."""
        if self.process.poll() is not None:
            raise AssertionError(f"`up` ended with {self.process.returncode}: {self.err}")
        text = self.out
        if text.count("\n") < (1 if self.as_json else 4):
            return None
        if self.as_json:
            said = json.loads(text)
            return [said[name].removeprefix("http://") for name in ("address", "admin")]
        return re.findall(r"http://(\S+?)(?=[ )])", text.splitlines()[0])[-2:]

    def find_gateway(self) -> None:
        """Looks for the gateway process of our state directory."""
        self.gateway_pid = gateway_of(self.state)
        assert self.gateway_pid, "no gateway process runs"

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            for line in follow(self.state / SOCKET, Filter(), last=1_000_000):
                self.events.append(json.loads(line))

    def client(self) -> Client:
        return Client.connect(self.address)

    def call(self, method: str, path: str, body: bytes = b"", /, **fields: str) -> Response:
        """One request on a connection of its own."""
        with self.client() as client:
            return client.call(method, path, body, **fields)

    def event(self, ref: str) -> dict[str, Any]:
        """The Event with this reference id, once it is here."""
        return until(
            lambda: next((e for e in self.events if e["id"] == ref), None), what="an Event"
        )

    def page(self, target: str) -> tuple[int, str]:
        """A page of the admin address."""
        host, _, port = self.admin.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def count(self, series: str) -> int:
        """One number of `/metrics`, by name and labels as written there."""
        found = re.search(rf"^{re.escape(series)} (\d+)$", self.page("/metrics")[1], re.MULTILINE)
        assert found, series
        return int(found[1])

    def counts(self) -> tuple[int, int, int, int]:
        """Events emitted, delivered, dropped and held, of one moment."""
        text = self.page("/metrics")[1]
        total = r'bartizan_events_total\{state="%s"\} (\d+)'
        patterns = [total % state for state in ("emitted", "delivered", "dropped")]
        found = [re.search(one, text) for one in (*patterns, r"bartizan_events_held (\d+)")]
        emitted, delivered, dropped, held = (int(one[1]) if one else -1 for one in found)
        return emitted, delivered, dropped, held

    def says(self, text: str, times: int = 1) -> None:
        """Waits until the operator was told this."""
        until(lambda: self.err.count(text) >= times, what=f"`{text}`")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(PATIENCE_S)

    def stop(self) -> None:
        """Ends whatever of it still runs, by its pid."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.ended()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if exists(self.gateway_pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.gateway_pid, signal.SIGKILL)
