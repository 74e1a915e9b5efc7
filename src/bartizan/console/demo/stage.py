"""Sets the stage of the tour: the shop and Bartizan as processes of their own, and their files.

Everything stands in one folder and listens on loopback; everything that starts here is stopped.
"""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.demo.issuer import AUDIENCE, ISSUER, Issuer
from bartizan.console.terminal import BROKEN, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

START_S = 30.0
STOP_S = 15.0

DOCUMENT = Path(__file__).parent / "shop" / "openapi.yaml"
CONFIG = "bartizan.yaml"
STATE = ".bartizan"
_CLI = "import sys; from bartizan.console.cli import main; sys.exit(main())"

_CONFIG = """\
upstream: {upstream}
openapi: openapi.yaml
listen: 127.0.0.1:0
admin: 127.0.0.1:0
mode: enforce
auth:
  issuers:
    - {{ issuer: "{issuer}", audiences: [{audience}], jwks: keys.json, algorithms: [EdDSA] }}
limits:
  - {{ name: caller, per: principal, rate: 60/min, burst: 20 }}
operations:
  "POST /login":
    limits: {{ name: log-in, per: address, rate: 5/min }}
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is: base URLs and the folder with the config."""

    folder: Path
    shop: str
    insider: str
    guarded: str
    admin: str

    @property
    def config(self) -> Path:
        """The config of Bartizan."""
        return self.folder / CONFIG

    @property
    def state(self) -> Path:
        """Its state directory."""
        return self.folder / STATE


def config_text(upstream: str) -> str:
    """The config: one issuer, two limits, enforce."""
    return _CONFIG.format(upstream=upstream, issuer=ISSUER, audience=AUDIENCE)


@contextlib.contextmanager
def staged(folder: Path, issuer: Issuer, environ: Mapping[str, str]) -> Iterator[Stage]:
    """The stage, up and ready; down afterwards, whatever happens. Raises Stopped."""
    seed = folder / "issuer.seed"
    seed.touch(mode=0o600)
    seed.write_bytes(issuer.seed)
    (folder / "keys.json").write_text(issuer.key_set(), encoding="utf-8")
    (folder / DOCUMENT.name).write_bytes(DOCUMENT.read_bytes())
    with contextlib.ExitStack() as running:
        shop = running.enter_context(child("the shop", shop_command(seed), folder, environ))
        (folder / CONFIG).write_text(config_text(shop["shop"]), encoding="utf-8")
        own = {k: v for k, v in environ.items() if not k.startswith("BARTIZAN_")}
        guard = running.enter_context(child("Bartizan", up_command(folder), folder, own))
        yield Stage(folder, shop["shop"], shop["insider"], guard["address"], guard["admin"])


def shop_command(seed: Path) -> list[str]:
    """The command line of the shop."""
    module = "bartizan.console.demo.shop"
    flags = ["--port", "0", "--leave-with-parent", "--issuer", str(seed)]
    return [sys.executable, "-m", module, *flags]


def up_command(folder: Path) -> list[str]:
    """`bartizan up`, as anybody would start it."""
    return [sys.executable, "-c", _CLI, "up", "--config", str(folder / CONFIG), "--json"]


@contextlib.contextmanager
def child(
    name: str, command: Sequence[str], folder: Path, environ: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """A process whose first line is JSON that tells where it listens. Raises Stopped.

    In a session of its own: a terminal's Ctrl-C reaches the tour alone, which stops its children.
    """
    talk = folder / f"{name.rsplit(maxsplit=1)[-1].lower()}.log"
    with talk.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603, programs of the house
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(environ),
            start_new_session=True,
        )
    try:
        yield _told(name, process, talk)
    finally:
        with _undisturbed():
            _end(process)


def _told(name: str, process: subprocess.Popen[bytes], talk: Path) -> dict[str, str]:
    line = _first_line(process)
    try:
        told: dict[str, str] = json.loads(line)
    except ValueError:
        why = talk.read_text(encoding="utf-8", errors="replace").strip()
        message = f"{name} did not start" + (f":\n{why}" if why else "")
        raise Stopped(message, status=BROKEN) from None
    return told


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    out = process.stdout
    if out is None:
        return b""
    threading.Thread(target=lambda: lines.put(out.readline()), daemon=True).start()
    try:
        return lines.get(timeout=START_S)
    except queue.Empty:
        return b""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not leave a process behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
