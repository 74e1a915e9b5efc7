"""From the answer a client got to the line that decided it, while `up` runs and after its end."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journey.api import Api, until
from tests.journey.client import Response
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan, command, environment, explained

JSON = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def guard(up: GuardMaker, api: Api) -> Guard:
    limits = [{"per": "address", "rate": "2/min", "operations": ["PUT /upload"]}]
    return up(api, limits=limits, controls={"match": "shadow"})


@pytest.fixture(scope="module")
def denied(guard: Guard) -> Response:
    return refused(guard)


def refused(guard: Guard) -> Response:
    answer = guard.call("POST", "/items", b'{"name":"pen","price":"free"}', **JSON)
    assert answer.status == 422
    return answer


def test_a_refused_body_is_explained_down_to_the_line(guard: Guard, denied: Response) -> None:
    told = explained(guard.folder, denied.ref)
    assert told["ref"] == denied.ref
    assert told["present"] + told["not_applicable"] == 8
    fields = told["fields"]
    assert "/openapi.json" in fields["setting"]["file"]
    assert fields["setting"]["line"] >= 1
    text = bartizan(guard.folder, "explain", denied.ref).stdout
    assert "/price" in text
    assert "inspect.body-schema" in text
    assert "fields" in text


def test_the_instance_of_a_problem_body_is_a_reference_too(guard: Guard, denied: Response) -> None:
    assert explained(guard.folder, denied.json()["instance"])["ref"] == denied.ref


def test_a_throttled_request_is_explained_by_the_line_of_its_limit(guard: Guard) -> None:
    def upload() -> Response:
        return guard.call("PUT", "/upload", b"x", content_type="application/octet-stream")

    answers = [upload() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    limited = answers[-1]
    told = explained(guard.folder, limited.ref)["fields"]["setting"]
    assert told["file"].endswith("bartizan.yaml")
    line = (
        (guard.folder / "bartizan.yaml").read_text(encoding="utf-8").splitlines()[told["line"] - 1]
    )
    assert line.strip() == told["text"].strip()
    assert "2/min" in line or "rate" in line or "operations" in line


def test_a_shadowed_deny_is_explained_by_the_id_of_its_event(guard: Guard) -> None:
    assert guard.call("GET", "/nowhere").status == 404
    event = until(lambda: next((e for e in guard.events if e["path"] == "/nowhere"), None))
    assert (event["verdict"], event["enforcement"]) == ("deny", "shadow")
    assert "match.unknown-path" in json.dumps(explained(guard.folder, event["id"]))


def tail(guard: Guard, *words: str) -> list[dict[str, Any]]:
    """Event lines of `tail --json`, which ends by itself after `--count`."""
    done = bartizan(guard.folder, "tail", "--json", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_tail_shows_what_its_filters_ask_for(guard: Guard, denied: Response) -> None:
    assert guard.call("GET", "/items/7").status == 200
    guard.call("GET", "/nowhere")
    until(lambda: len({event["status"] for event in guard.events}) >= 3 or None)
    for flag, value, key, wanted in (
        ("--verdict", "allow", "verdict", "allow"),
        ("--status", "4xx", "verdict", "deny"),
        ("--status", "422", "status", 422),
        ("--operation", "GET /items/{id}", "operation", "GET /items/{id}"),
    ):
        (event,) = tail(guard, "--last", "1", "--count", "1", flag, value)
        assert event[key] == wanted
    line = bartizan(guard.folder, "tail", "-n", "1", "--count", "1", "--status", "422").stdout
    assert denied.ref in line
    assert "POST /items" in line


def test_tail_begins_with_what_comes(guard: Guard) -> None:
    gone = [refused(guard).ref for _ in range(2)]
    until(lambda: {event["id"] for event in guard.events} >= set(gone) or None)
    tailing = subprocess.Popen(
        command("tail", "--json", "--count", "1", "--status", "422"),
        cwd=guard.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    come: list[str] = []

    def ended() -> bool:
        come.append(refused(guard).ref)
        return tailing.poll() is not None

    until(ended, what="the first line")
    out, _ = tailing.communicate()
    assert json.loads(out)["id"] in come


@pytest.fixture
def following(guard: Guard) -> Iterator[subprocess.Popen[str]]:
    tailing = subprocess.Popen(
        command("tail", "--json", "--last", "9", "--verdict", "allow"),
        cwd=guard.folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield tailing
    tailing.kill()
    tailing.communicate()


def test_everything_is_explained_after_the_end_too(
    guard: Guard, denied: Response, following: subprocess.Popen[str]
) -> None:
    assert following.stdout is not None
    assert json.loads(following.stdout.readline())["verdict"] == "allow"
    guard.signal(signal.SIGTERM)
    assert guard.ended() == 0
    assert following.wait(10) == 0, "tail ends with the control process"
    assert explained(guard.folder, denied.ref)["ref"] == denied.ref
    report = bartizan(guard.folder, "report")
    assert report.returncode == 1
    assert "POST /items" in report.stdout
    assert "Traceback" not in guard.err + report.stderr
