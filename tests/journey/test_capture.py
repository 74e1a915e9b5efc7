"""`bartizan capture` on a running gateway: bounded, redacted, and judged again the same way."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.journey.api import PATIENCE_S, Api, Call, Peer, until
from tests.journey.conftest import GuardMaker
from tests.journey.files import FileApi, Play, chunk, stream
from tests.journey.guard import Guard, bartizan, command, environment

SECRET = "canary-capture-5f1c"


def capturing(guard: Guard, file: Path, *flags: str) -> subprocess.Popen[bytes]:
    words = ("capture", str(file), "--state", str(guard.state), *flags)
    return subprocess.Popen(command(*words), env=environment(), stdout=subprocess.DEVNULL)


def read(file: Path) -> list[dict[str, Any]]:
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
        str(one["request"]["target"]).partition("?")[0] for one in found
    ]


def streamed(kind: str, *pieces: str) -> Play:
    """A response in chunks."""

    def play(peer: Peer, _call: Call) -> bool:
        peer.send(stream(kind))
        for one in pieces:
            peer.send(chunk(one.encode()))
        return peer.send(chunk(b""))

    return play


def test_streams_and_forms_are_captured_without_their_secrets(up: GuardMaker) -> None:
    api = FileApi()
    api.plays["/news"] = streamed(
        "text/event-stream", "data: hello\n\n", f"data: token={SECRET}\n\n"
    )
    api.plays["/lines"] = streamed("application/x-ndjson", f'{{"name":"a","token":"{SECRET}"}}\n')
    guard = up(api, mode="shadow")
    until(lambda: (guard.state / "capture.sock").exists() or None, what="the capture socket")
    file = guard.folder / "captured.jsonl"
    names = ("POST /photos", "PUT /files/{name}", "GET /news", "GET /lines")
    flags = [word for name in names for word in ("--operation", name)]
    process = capturing(guard, file, "--for", "1m", *flags)

    def parts() -> Iterator[bytes]:
        yield b"unknown "
        yield SECRET.encode()

    with httpx.Client(base_url=f"http://{guard.address}", trust_env=False) as client:

        def kept(path: str) -> bool:
            client.get(path)
            return file.exists() and any(one["request"]["target"] == path for one in read(file))

        until(lambda: kept("/news") or None, what="the first capture")
        assert SECRET in client.get("/lines").text, "the client gets it as it is"
        form = {"title": f"Bearer {SECRET}", "password": SECRET}
        photo = {"photo": ("a.png", f"{SECRET}".encode() * 9, "image/png")}
        assert client.post("/photos", data=form, files=photo).status_code == 200
        kind = {"content-type": "application/octet-stream"}
        assert client.put("/files/a", content=parts(), headers=kind).status_code == 200
        until(lambda: len(targets(file)) == 4 or None, what="the last capture")
    process.terminate()
    process.wait(PATIENCE_S)
    api.close()
    text = file.read_text(encoding="utf-8")
    assert SECRET not in text
    by_target = {one["request"]["target"]: one for one in read(file)}
    assert "data: hello" in text
    assert by_target["/lines"]["response"]["body"]["text"] == '{"name": "a", "token": "[masked]"}\n'
    sent = by_target["/photos"]["request"]["body"]["text"]
    assert "Bearer [masked]" in sent
    assert "x" * 9 * len(SECRET) in sent, "a file keeps its size"
    told = by_target["/files/a"]["request"]["body"]["unread"]
    assert told["bytes"] == len(b"".join(parts()))


def targets(file: Path) -> set[str]:
    return {one["request"]["target"] for one in read(file)}
