"""Two readings of one message, on raw sockets: one answer, one Decision, one Event, then the close.

Each malformed message has its well-formed twin, which passes and leaves its connection open.
"""

from __future__ import annotations

import contextlib

import pytest

from tests.journey.api import Api, Call, Peer, answer, until
from tests.journey.client import request
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard

HOST = b"host: api.test\r\n"
TEXT = b"POST /text HTTP/1.1\r\n" + HOST + b"content-type: text/plain\r\n"
READ = b"GET /items/1 HTTP/1.1\r\n" + HOST
CHUNKED = TEXT + b"transfer-encoding: chunked\r\n\r\n"
HIDDEN = b"GET /items/666 HTTP/1.1\r\n" + HOST + b"\r\n"
SPLIT = TEXT + b"content-length: 5\r\n"

MALFORMED: dict[str, tuple[bytes, str, bytes]] = {
    # checklist 1: both lengths
    "length and chunked": (
        SPLIT + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "wire.length-and-chunked",
        CHUNKED + b"0\r\n\r\n",
    ),
    "chunked and length": (
        TEXT + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        "wire.length-and-chunked",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    ),
    # checklist 2: lengths
    "two lengths": (
        SPLIT + b"content-length: 6\r\n\r\nhello",
        "wire.duplicate-length",
        SPLIT + b"\r\nhello",
    ),
    "the same length twice": (
        SPLIT + b"content-length: 5\r\n\r\nhello",
        "wire.duplicate-length",
        SPLIT + b"\r\nhello",
    ),
    "a list of lengths": (
        TEXT + b"content-length: 5, 5\r\n\r\nhello",
        "wire.bad-length",
        TEXT + b"content-length:  5 \r\n\r\nhello",
    ),
    "a signed length": (
        TEXT + b"content-length: +5\r\n\r\nhello",
        "wire.bad-length",
        TEXT + b"content-length: 05\r\n\r\nhello",
    ),
    "a negative length": (
        TEXT + b"content-length: -5\r\n\r\nhello",
        "wire.bad-length",
        SPLIT + b"\r\nhello",
    ),
    "a length in hex": (
        TEXT + b"content-length: 0x5\r\n\r\nhello",
        "wire.bad-length",
        SPLIT + b"\r\nhello",
    ),
    "a length without end": (
        TEXT + b"content-length: 99999999999999999999999\r\n\r\nhello",
        "wire.bad-length",
        SPLIT + b"\r\nhello",
    ),
    # checklist 2: transfer codings
    "gzip, chunked": (
        TEXT + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "wire.bad-transfer-encoding",
        TEXT + b"transfer-encoding: Chunked\r\n\r\n0\r\n\r\n",
    ),
    "xchunked": (
        TEXT + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "wire.bad-transfer-encoding",
        CHUNKED + b"0\r\n\r\n",
    ),
    "identity": (
        TEXT + b"transfer-encoding: identity\r\ncontent-length: 5\r\n\r\nhello",
        "wire.",
        SPLIT + b"\r\nhello",
    ),
    "chunked twice": (
        TEXT + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "wire.bad-transfer-encoding",
        CHUNKED + b"0\r\n\r\n",
    ),
    "chunked in 1.0": (
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n",
        "wire.transfer-encoding-in-1.0",
        CHUNKED + b"0\r\n\r\n",
    ),
    # checklist 2: chunks
    "a chunk size that overflows": (
        CHUNKED + b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "wire.bad-chunk",
        CHUNKED + b"0000000000000005\r\nhello\r\n0\r\n\r\n",
    ),
    "a signed chunk size": (
        CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n",
        "wire.bad-chunk",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    ),
    "a chunk size with a blank": (
        CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n",
        "wire.bad-chunk",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    ),
    "a chunk longer than it says": (
        CHUNKED + b"4\r\nhello\r\n0\r\n\r\n",
        "wire.bad-chunk",
        CHUNKED + b"4\r\nhell\r\n0\r\n\r\n",
    ),
    "a chunk that ends in a bare line feed": (
        CHUNKED + b"5\r\nhello\n0\r\n\r\n",
        "wire.",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    ),
    "a long chunk extension": (
        CHUNKED + b"5;" + b"x" * 300 + b"\r\nhello\r\n0\r\n\r\n",
        "wire.bad-chunk",
        CHUNKED + b"5;" + b"x" * 200 + b"\r\nhello\r\n0\r\n\r\n",
    ),
    "a length among the trailers": (
        CHUNKED + b"0\r\ncontent-length: 5\r\n\r\n",
        "wire.bad-trailer",
        CHUNKED + b"0\r\nx-sum: 5\r\n\r\n",
    ),
    # checklist 2: lines
    "a bare line feed in the head": (
        READ + b"a: b\n\r\n",
        "wire.bare-line-feed",
        READ + b"a: b\r\n\r\n",
    ),
    "a head of bare line feeds": (
        b"GET /items/1 HTTP/1.1\nhost: api.test\n\n",
        "wire.bare-line-feed",
        READ + b"\r\n",
    ),
    "a folded header": (
        READ + b"a: b\r\n c\r\n\r\n",
        "wire.obsolete-fold",
        READ + b"a: b c\r\n\r\n",
    ),
    "a blank before the colon": (
        READ + b"a : b\r\n\r\n",
        "wire.bad-field",
        READ + b"a:  b\r\n\r\n",
    ),
    "a NUL in a value": (READ + b"a: b\0c\r\n\r\n", "wire.bad-field", READ + b"a: bc\r\n\r\n"),
    "a NUL in a name": (READ + b"a\0: b\r\n\r\n", "wire.bad-field", READ + b"a: b\r\n\r\n"),
    "a bare carriage return": (READ + b"a: b\rc\r\n\r\n", "wire.", READ + b"a: b\tc\r\n\r\n"),
    "a header without a colon": (READ + b"abc\r\n\r\n", "wire.bad-field", READ + b"abc:\r\n\r\n"),
    "no host": (b"GET /items/1 HTTP/1.1\r\n\r\n", "wire.missing-host", READ + b"\r\n"),
    "two hosts": (READ + HOST + b"\r\n", "wire.duplicate-host", READ + b"\r\n"),
    "two blanks in the request line": (
        b"GET  /items/1 HTTP/1.1\r\n" + HOST + b"\r\n",
        "wire.",
        READ + b"\r\n",
    ),
    "an unknown version": (
        b"GET /items/1 HTTP/1.2\r\n" + HOST + b"\r\n",
        "wire.bad-version",
        READ + b"\r\n",
    ),
    "HTTP/2 without TLS": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "wire.bad-version",
        READ + b"\r\n",
    ),
    "a request line that is too long": (
        b"GET /items/" + b"1" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        "wire.target-too-long",
        b"GET /items/" + b"1" * 12 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    ),
    "too many fields": (
        READ + b"a: b\r\n" * 101 + b"\r\n",
        "wire.too-many-fields",
        READ + b"a: b\r\n" * 90 + b"\r\n",
    ),
    # checklist 3 and 4
    "an upgrade": (
        READ + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n",
        "wire.upgrade-refused",
        READ + b"connection: keep-alive\r\n\r\n",
    ),
    "another expectation": (
        SPLIT + b"expect: 200-maybe\r\n\r\nhello",
        "wire.bad-expectation",
        SPLIT + b"\r\nhello",
    ),
    "CONNECT": (
        b"CONNECT api.test:443 HTTP/1.1\r\n" + HOST + b"\r\n",
        "wire.method-refused",
        READ + b"\r\n",
    ),
}


@pytest.fixture(scope="module")
def guard(api: Api, up: GuardMaker) -> Guard:
    return up(api)


def is_seen(api: Api, path: str) -> bool:
    return any(call.path == path for call in api.seen)


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_input_ends_in_one_answer_one_decision_and_one_event(
    guard: Guard, api: Api, name: str
) -> None:
    bad, code, good = MALFORMED[name]
    before, calls = len(guard.events), len(api.seen)
    with guard.client() as client:
        client.send(bad + HIDDEN)
        refused = client.response()
        assert client.is_closed(), "bytes after the fault were served"
    assert 400 <= refused.status < 500
    assert refused.field("connection") == "close"
    assert len(api.seen) == calls, "the API saw a part of it"
    with guard.client() as client:
        client.send(good)
        assert client.response().status == 200
        assert client.call("GET", "/items/2").status == 200
    # The Events of one worker arrive in order: once these are here, nothing of the fault is behind.
    event = guard.event(refused.ref)
    until(lambda: len(guard.events) >= before + 3, what="the Events of the twin")
    verdicts = [one["verdict"] for one in guard.events[before:]]
    assert verdicts.count("allow") == 2
    assert verdicts.count("deny") == 1
    assert event["verdict"] == "deny"
    assert event["enforcement"] == "enforced"
    assert [reason["code"].startswith(code) for reason in event["reasons"]] == [True]
    assert not is_seen(api, "/items/666")


def test_shadow_never_forwards_what_has_two_readings(up: GuardMaker, api: Api) -> None:
    guard = up(api, mode="shadow")
    bad, _, good = MALFORMED["length and chunked"]
    with guard.client() as client:
        client.send(bad + HIDDEN)
        assert client.response().status == 400
        assert client.is_closed()
    with guard.client() as client:
        client.send(good)
        assert client.response().status == 200
    assert not is_seen(api, "/items/666")


def test_chunk_extensions_go_no_further(guard: Guard, api: Api) -> None:
    with guard.client() as client:
        client.send(CHUNKED + b'5;evil="GET /items/666"\r\nhello\r\n0\r\nx-late: 1\r\n\r\n')
        assert client.response().body == b"got hello"
    seen = api.seen[-1]
    assert b"evil" not in seen.head + seen.body
    assert seen.body == b"hello"


def test_bytes_after_a_refused_upgrade_are_dropped(guard: Guard, api: Api) -> None:
    upgrade = READ + b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\n\r\n"
    with guard.client() as client:
        client.send(upgrade + HIDDEN * 3)
        refused = client.response()
        assert (refused.status, client.is_closed()) == (400, True)
    assert not is_seen(api, "/items/666")
    assert guard.call("GET", "/items/1").status == 200


UPLOAD = b" HTTP/1.1\r\n" + HOST + b"content-type: application/octet-stream\r\n"


def test_an_early_response_ends_the_upload_and_both_connections(guard: Guard, api: Api) -> None:
    # The API answers without reading the body, and takes the body for the next request.
    api.odd["early"] = lambda peer, _: peer.send(answer(413, b"big", kind="text/plain"))
    api.odd["smuggled"] = lambda peer, _: peer.send(answer(200, b'{"name":"poison"}'))
    smuggled = b"GET /odd/smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
    with guard.client() as client:
        client.send(b"PUT /upload" + UPLOAD + b"content-length: 10\r\n\r\n0123456789")
        assert client.response().status == 200
        client.send(b"PUT /odd/early" + UPLOAD + b"content-length: 500000\r\n\r\n" + smuggled)
        refused = client.response()
        assert (refused.status, refused.body) == (413, b"big")
        assert refused.field("connection") == "close"
        assert client.is_closed()
    for number in range(4):
        assert b"poison" not in guard.call("GET", f"/items/{number}").body


def test_a_body_where_none_is_expected_is_never_taken_for_a_request(guard: Guard, api: Api) -> None:
    # 0.CL and CL.0: the length counts, whatever the method usually has.
    with guard.client() as client:
        client.send(READ + b"content-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN)
        first = client.response()
        assert first.status in (200, 400, 415, 422)
        assert client.call("GET", "/items/4").status == 200 if first.status == 200 else True
    with guard.client() as client:
        client.send(TEXT + b"content-length: 0\r\n\r\n" + READ + b"\r\n")
        assert client.response().status == 200
        assert client.response().status == 200
    assert not is_seen(api, "/items/666")


def test_an_expectation_is_answered_by_us_and_goes_no_further(guard: Guard, api: Api) -> None:
    with guard.client() as client:
        client.send(SPLIT + b"expect: 100-continue\r\n\r\n")
        assert client.response().status == 100
        client.send(b"hello")
        assert client.response().body == b"got hello"
    assert api.seen[-1].values("expect") == []
    with guard.client() as client:
        client.send(
            b"POST /nowhere HTTP/1.1\r\n"
            + HOST
            + b"content-length: 5\r\nexpect: 100-continue\r\n\r\n"
        )
        assert client.response().status == 404
        assert client.is_closed()


# checklist 6: the API is read as strictly

ODD_ANSWERS: dict[str, bytes] = {
    "both-lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n"
    b"0\r\n\r\n",
    "two-lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
    "signed-length": b"HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
    "bare-line-feed": b"HTTP/1.1 200 OK\ncontent-length: 5\n\nhello",
    "folded": b"HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 5\r\n\r\nhello",
    "bad-status": b"HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n",
    "interim-flood": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40 + b"HTTP/1.1 200 OK\r\n"
    b"content-length: 2\r\n\r\nok",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
    b"connection: upgrade\r\n\r\n",
    "not-http": b"220 mail.example ESMTP\r\n",
    "gone": b"",
}


@pytest.mark.parametrize("kind", ODD_ANSWERS)
def test_a_malformed_response_becomes_one_502(guard: Guard, api: Api, kind: str) -> None:
    def odd(peer: Peer, call: Call) -> bool:
        peer.send(ODD_ANSWERS[kind])
        return False

    api.odd[kind] = odd
    refused = guard.call("GET", f"/odd/{kind}")
    assert refused.status == 502
    event = guard.event(refused.json()["reference"])
    assert event["outcome"] == "upstream-failed"
    assert guard.call("GET", "/items/1").status == 200


def test_some_interim_responses_are_dropped_and_the_answer_passes(guard: Guard, api: Api) -> None:
    def odd(peer: Peer, call: Call) -> bool:
        peer.send(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3 + answer(200, b"{}"))
        return True

    api.odd["interim"] = odd
    assert guard.call("GET", "/odd/interim").status == 200


POISON = answer(200, b'{"name":"poison"}')


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"),
        ("GET", b'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n'),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    ],
)
def test_bytes_behind_a_response_never_answer_the_next_request(
    guard: Guard, api: Api, method: str, head: bytes
) -> None:
    def odd(peer: Peer, call: Call) -> bool:
        peer.send(head + POISON)
        return True

    api.odd["poison"] = odd
    with guard.client() as client:
        first = client.call(method, "/odd/poison")
        assert first.body == b""
        for _ in range(3):
            assert b"poison" not in client.call("GET", "/items/1").body


def test_head_204_and_304_have_no_body_and_keep_the_connection(guard: Guard, api: Api) -> None:
    api.odd["204"] = lambda peer, _: peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    api.odd["304"] = lambda peer, _: peer.send(
        b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"
    )
    api.odd["head"] = lambda peer, _: peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    with guard.client() as client:
        head = client.call("HEAD", "/odd/head")
        assert (head.status, head.body) == (200, b"")
        assert client.call("GET", "/odd/204").status == 204
        assert client.call("GET", "/odd/304").status == 304
        assert client.call("GET", "/items/1").status == 200


CUT = {
    "cut-length": b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\npart",
    "cut-chunks": b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
    b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
}


@pytest.mark.parametrize("kind", CUT)
def test_a_truncated_response_is_never_made_whole(guard: Guard, api: Api, kind: str) -> None:
    def odd(peer: Peer, call: Call) -> bool:
        peer.send(CUT[kind])
        return False

    api.odd[kind] = odd
    with guard.client() as client:
        client.send(request("GET", f"/odd/{kind}"))
        # A head that is on its way already leaves a message that is visibly incomplete.
        with contextlib.suppress(EOFError, ConnectionError):
            assert client.response().status == 502
    path = f"/odd/{kind}"
    event = until(lambda: next((e for e in guard.events if e["path"] == path), None))
    assert event["outcome"] == "upstream-failed"


@pytest.mark.parametrize(
    "sent",
    [SPLIT + b"\r\nhe", CHUNKED + b"5\r\nhe", CHUNKED + b"5\r\nhello\r\n", READ + b"a: "],
    ids=["length", "chunk", "last chunk", "head"],
)
def test_a_truncated_request_is_one_deny_and_reaches_nobody(
    guard: Guard, api: Api, sent: bytes
) -> None:
    calls = len(api.seen)
    with guard.client() as client:
        client.send(sent)
        client.stream.shutdown(1)
        refused = client.response()
        assert (refused.status, client.is_closed()) == (400, True)
    event = guard.event(refused.ref)
    assert [reason["code"] for reason in event["reasons"]] == ["wire.truncated"]
    assert all(call.body != b"hello" for call in api.seen[calls:])


def test_every_exchange_was_closed_with_its_one_event(guard: Guard) -> None:
    def is_settled() -> bool | None:
        emitted, delivered, dropped, held = guard.counts()
        opened = guard.count("bartizan_exchanges_opened_total")
        closed = guard.count("bartizan_exchanges_closed_total")
        is_even = opened == closed == emitted == delivered
        return (is_even and (held, dropped) == (0, 0)) or None

    until(is_settled, what="the last Event")
    assert guard.count("bartizan_internal_faults_total") == 0
    assert len({event["id"] for event in guard.events}) == len(guard.events)


# deadlines


@pytest.fixture(scope="module")
def hasty(api: Api, up: GuardMaker) -> Guard:
    return up(api, timeouts={"head": "600ms", "body": "600ms", "first_byte": "600ms"})


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET /items/1 HT", "wire.head-timeout"),
        (READ, "wire.head-timeout"),
        (SPLIT + b"\r\nhe", "wire.body-timeout"),
        (CHUNKED + b"5\r\n", "wire.body-timeout"),
    ],
    ids=["line", "head", "length", "chunk"],
)
def test_what_arrives_too_slowly_is_answered_by_408(hasty: Guard, sent: bytes, code: str) -> None:
    with hasty.client() as client:
        client.send(sent)
        refused = client.response()
        assert (refused.status, client.is_closed()) == (408, True)
    event = hasty.event(refused.ref)
    assert [reason["code"] for reason in event["reasons"]] == [code]


def test_what_arrives_in_pieces_but_in_time_passes(hasty: Guard) -> None:
    with hasty.client() as client:
        for piece in (SPLIT[:10], SPLIT[10:], b"\r\nhe", b"llo"):
            client.send(piece)
        assert client.response().body == b"got hello"


def test_an_api_that_does_not_answer_is_a_504(hasty: Guard, api: Api) -> None:
    refused = hasty.call("GET", "/odd/hold")
    assert refused.status == 504
    assert hasty.event(refused.ref)["outcome"] == "timed-out"


def test_a_client_that_sends_nothing_gets_nothing(hasty: Guard) -> None:
    before = len(hasty.events)
    with hasty.client() as client:
        client.stream.shutdown(1)
        assert client.is_closed()
    assert hasty.call("GET", "/items/1").status == 200
    until(lambda: len(hasty.events) > before or None)
    assert [event["path"] for event in hasty.events[before:]] == ["/items/1"]
