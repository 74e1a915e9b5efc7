"""The labs behind the gateway: honest use passes, and what the document forbids is stopped."""

from __future__ import annotations

import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bartizan.console.demo.issuer import AUDIENCE, ISSUER, Issuer
from bartizan.console.demo.shop.message import Request, Response
from bartizan.console.demo.shop.serve import Server
from labs.lab import Answering, Desk, Lab, play
from tests.journey.api import PATIENCE_S
from tests.journey.conftest import write_config
from tests.journey.guard import Guard
from tests.labs.test_labs import LABS

# Closed objects, undeclared routes and undeclared fields. The rest needs rules of ownership.
STOPPED = {"BANK-5", "BANK-6", "CLINIC-3", "CLINIC-5"}


@pytest.fixture(params=LABS, ids=lambda lab: lab.name)
def lab(request: pytest.FixtureRequest) -> Lab:
    chosen: Lab = request.param
    return chosen


@pytest.fixture
def guarded(lab: Lab) -> Iterator[tuple[Issuer, Answering]]:
    """The lab without fixes, as seen through the gateway."""
    issuer = Issuer(b"s" * 32)
    server = Server(0, lab.start(Desk(issuer, lambda: int(time.time()))))
    server.start()
    place = Path(tempfile.mkdtemp(prefix="bz-"))
    (place / "keys.json").write_text(issuer.key_set(), encoding="utf-8")
    keys = {"issuer": ISSUER, "audiences": [AUDIENCE], "jwks": str(place / "keys.json")}
    config = {"openapi": str(lab.document), "auth": {"issuers": [keys]}}
    write_config(place, server, config)  # type: ignore[arg-type]
    guard = Guard(place, ["--config", str(place / "bartizan.yaml")])
    yield issuer, lambda request: sent(guard.address, request)
    guard.stop()
    server.shutdown()
    server.server_close()
    shutil.rmtree(place, ignore_errors=True)


def sent(address: str, request: Request) -> Response:
    """The answer through the gateway."""
    host, _, port = address.rpartition(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)) as connection:
        connection.request(request.method, request.target, request.body, request.headers)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read()
    is_json = "json" in headers.get("content-type", "")
    return Response(answer.status, json.loads(body) if is_json and body else body, headers)


def test_honest_use_passes(lab: Lab, guarded: tuple[Issuer, Answering]) -> None:
    issuer, answering = guarded
    answers = play(answering, lab.good, issuer, int(time.time()))
    told = [
        (call.target, one.status, one.data) for call, one in zip(lab.good, answers, strict=True)
    ]
    assert [one.status for one in answers] == [call.status for call in lab.good], told


def test_what_the_document_forbids_is_stopped(lab: Lab, guarded: tuple[Issuer, Answering]) -> None:
    issuer, answering = guarded
    now_s = int(time.time())
    works = {
        hole.id
        for hole in lab.weaknesses
        if hole.works(play(answering, hole.attack, issuer, now_s))
    }
    assert lab.ids - works == STOPPED & lab.ids
