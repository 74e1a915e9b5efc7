"""`bartizan capture` on a running gateway: bounded, redacted, and judged again the same way."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.journey.api import PATIENCE_S, Api, until
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan, command, environment

SECRET = "canary-capture-5f1c"


def capturing(guard: Guard, file: Path, *flags: str) -> subprocess.Popen[bytes]:
    words = ("capture", str(file), "--state", str(guard.state), *flags)
    return subprocess.Popen(command(*words), env=environment(), stdout=subprocess.DEVNULL)


def read(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_traffic_is_captured_redacted_and_replays_alike(up: GuardMaker, api: Api) -> None:
    guard = up(api, mode="shadow")
    until(lambda: (guard.state / "capture.sock").exists() or None, what="the capture socket")
    file = guard.folder / "captured.jsonl"
    guard.call("GET", "/items/1")
    process = capturing(guard, file, "--count", "3", "--for", "1m")

    def first() -> bool:
        guard.call("GET", "/items/1")
        return file.exists() and bool(read(file))

    def ended() -> bool:
        guard.call("GET", "/items/3")
        return process.poll() is not None

    until(lambda: first() or None, what="the first capture")
    guard.call("GET", f"/items/2?token={SECRET}", Authorization=f"Bearer {SECRET}")
    guard.call("GET", "/items/not-there", Cookie=f"s={SECRET}")
    until(lambda: ended() or None, what="the end of the capture")
    assert process.wait(PATIENCE_S) == 0
    found = read(file)
    assert len(found) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET not in file.read_text(encoding="utf-8")
    assert all("response" in one for one in found)
    replayed = bartizan(guard.folder, "replay", str(file), "--json")
    assert replayed.returncode in (0, 1), replayed.stderr
    events = [json.loads(line) for line in replayed.stdout.splitlines()]
    assert not any(
        "wire." in json.dumps(event) or "bad-response" in json.dumps(event) for event in events
    )
    assert [event["path"] for event in events] == [
        str(one["request"]["target"]).partition("?")[0]  # type: ignore[index]
        for one in found
    ]
