"""One Event for each Exchange, and every Event counted: delivered, dropped, or still held."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bartizan.store.sql import FILE
from tests.contract.tree import ROOT
from tests.journey.api import Api, until
from tests.journey.conftest import GuardMaker
from tests.journey.gateway import Gateway, Link, compiled
from tests.journey.guard import Guard, bartizan, exists

REQUESTS = 3_000
THREADS = 4
RING = 64


def settled(guard: Guard) -> tuple[int, int, int]:
    """Events emitted, delivered and dropped, once none is held."""

    def even() -> tuple[int, int, int] | None:
        emitted, delivered, dropped, held = guard.counts()
        return (emitted, delivered, dropped) if held == 0 else None

    return until(even, what="the last Event")


def run_load(guard: Guard, count: int, refused: list[str]) -> list[threading.Thread]:
    """Starts threads that send `count` requests in all, every tenth of which is refused."""

    def send() -> None:
        with guard.client() as client:
            for number in range(count // THREADS):
                answer = client.call("GET", "/items/x" if number % 10 == 0 else "/odd/1")
                if answer.status == 422:
                    refused.append(answer.ref)

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


def totals(guard: Guard) -> dict[str, int]:
    """What the table of the control process counted."""
    with closing(sqlite3.connect(guard.state / FILE)) as base:
        return dict(base.execute("select name, count from total"))


def kept(guard: Guard) -> list[str]:
    """The reference ids in that table."""
    with closing(sqlite3.connect(guard.state / FILE)) as base:
        return [ref for (ref,) in base.execute("select ref from notable")]


def test_no_event_is_lost_without_a_count_when_the_control_process_is_killed(
    up: GuardMaker, api: Api
) -> None:
    guard = up(api)
    refused: list[str] = []
    threads = run_load(guard, REQUESTS, refused)
    until(lambda: guard.counts()[0] > REQUESTS // 10 or None, what="the first Events")
    first = guard.gateway_pid
    guard.process.send_signal(signal.SIGKILL)
    guard.ended()
    emitted = guard.counts()[0]
    until(lambda: guard.counts()[0] > emitted or None, what="traffic without a control process")
    guard.start()
    assert guard.gateway_pid == first, "the running gateway process is joined, not replaced"
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    emitted, delivered, dropped = settled(guard)
    assert emitted == REQUESTS
    assert emitted == delivered + dropped
    assert dropped == 0
    assert len(refused) == REQUESTS // 10
    until(lambda: refused[-1] in kept(guard) or None, what="the last row")
    rows = kept(guard)
    assert len(rows) == len(set(rows)), "an Event that was sent again is kept once"
    assert set(rows) <= set(refused)
    guard.signal(signal.SIGTERM)
    assert guard.ended() == 0
    assert not exists(first)
    # What the killed one had read and not yet stored is counted, too.
    found = totals(guard)
    assert found["delivered"] + found.get("lost", 0) == REQUESTS
    assert len(refused) - len(kept(guard)) <= found.get("lost", 0)


def test_the_table_counts_what_the_gateway_delivered(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    refused: list[str] = []
    for thread in run_load(guard, 400, refused):
        thread.join(60)
    emitted, delivered, dropped = settled(guard)
    assert (emitted, delivered, dropped) == (400, 400, 0)
    guard.signal(signal.SIGTERM)
    assert guard.ended() == 0
    assert totals(guard)["delivered"] == 400
    assert sorted(kept(guard)) == sorted(refused)
    for ref in refused[:2]:
        assert json.loads(bartizan(guard.folder, "explain", ref, "--json").stdout)["ref"] == ref


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    folder = Path(tempfile.mkdtemp(prefix="bz-"))
    gateway = Gateway(folder / "state")
    yield gateway
    gateway.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_what_does_not_fit_the_ring_is_dropped_and_counted_exactly(
    gateway: Gateway, api: Api
) -> None:
    link = Link(gateway)
    link.load(compiled(gateway.state.parent, api, {"ring": RING}))
    link.listen()
    with gateway.client() as client:
        assert client.call("GET", "/items/1").status == 200
        until(lambda: link.counts().delivered == 1 or None, what="the first Event")
        link.leave()
        until(lambda: gateway.is_alone() or None, what="the end of the link")
        statuses = [client.call("GET", path).status for path in ("/odd/1", "/items/x") * 150]
    assert (statuses.count(200), statuses.count(422)) == (150, 150)
    later = Link(gateway)
    emitted = 301

    def is_even() -> bool | None:
        counts = later.counts()
        return counts.emitted == counts.delivered + counts.dropped or None

    until(is_even, what="the last Event")
    counts = later.counts()
    assert (counts.emitted, counts.delivered) == (emitted, 1 + later.delivered)
    assert counts.dropped == emitted - 1 - later.delivered
    # The backlog, and what the ring of the worker held at the moment of the join.
    assert RING <= later.delivered <= 2 * RING
    # What has to be explained later stays longest; on a busy machine most of both are lost before
    # the backlog, where they come in turn.
    denied = sum(event["verdict"] == "deny" for event in later.events)
    assert denied >= later.delivered - denied - 2
    later.stop()
    assert gateway.process.wait(10) == 0


def test_health_and_readiness_follow_the_life_of_the_gateway(up: GuardMaker) -> None:
    api = Api()
    guard = up(api)
    assert guard.page("/livez") == (200, "ok\n")
    assert guard.page("/readyz")[0] == 200
    ready = json.loads(guard.page("/readyz?verbose")[1])
    assert (ready["ready"], ready["control"], ready["upstream"]) == (True, "joined", "reachable")
    assert ready["events"]["capacity"] == 65_536
    assert guard.page("/nowhere")[0] == 404
    api.close()
    ready = json.loads(guard.page("/readyz?verbose")[1])
    assert (ready["ready"], ready["upstream"]) == (True, "unreachable")
    refused = guard.call("GET", "/items/1")
    assert refused.status == 502
    guard.process.send_signal(signal.SIGKILL)
    guard.ended()
    until(lambda: '"control": "absent"' in guard.page("/readyz?verbose")[1] or None)
    assert guard.page("/livez")[0] == 200
    assert guard.call("GET", "/nowhere").status == 404


def test_metrics_name_templates_and_known_words_only(up: GuardMaker, api: Api) -> None:
    guard = up(api)
    for path in ("/items/4711", "/items/4712?q=raw-query", "/raw-path/1", "/items/raw-id"):
        guard.call("GET", path)
    guard.call("BREW", "/items/1")
    with guard.client() as client:
        client.send(b"GET /raw-bytes HTTP/9.9\r\n\r\n")
        assert client.response().status == 400
    settled(guard)
    text = guard.page("/metrics")[1]
    for raw in ("4711", "raw-", "BREW", "HTTP/9.9"):
        assert raw not in text
    count = "http_server_request_duration_seconds_count"
    labels = 'http_route="/items/{id}",http_request_method="GET",status_class="%s"'
    assert guard.count(f"{count}{{{labels % '2xx'}}}") == 2
    assert guard.count(f"{count}{{{labels % '4xx'}}}") == 1
    decided = 'stage="inspect",decision="deny",enforcement="enforced"'
    assert guard.count(f"bartizan_decisions_total{{{decided}}}") == 1
    assert guard.count("bartizan_exchanges_opened_total") == 6
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ", "bartizan_", "http_server_")), line


def test_the_page_of_metrics_names_what_a_scrape_shows_and_nothing_else(
    up: GuardMaker, api: Api
) -> None:
    guard = up(api)
    with guard.client() as client:
        client.call("GET", "/items/1")
    scraped = guard.page("/metrics")[1]
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", scraped, re.MULTILINE))
    page = (ROOT / "docs/look-up/metrics.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.MULTILINE))
    assert kinds == told
    sample = re.compile(r"^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\} ", re.MULTILINE)
    for name, labels in sample.findall(scraped):
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        names = set(re.findall(r"(\w+)=\"", labels)) - {"le"}
        assert {label for label in names if f"`{label}`" not in row} == set()
