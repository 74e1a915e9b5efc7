"""Bodies through the gateway: files, forms, large transfers, ranges, codings, trailers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journey.api import JSON, Call, Peer, answer, until
from tests.journey.client import Client, request
from tests.journey.codings import BOMBS, CODINGS
from tests.journey.conftest import GuardMaker
from tests.journey.files import LARGE, FileApi, chunk, take
from tests.journey.guard import Guard

HOST = b"host: api.test\r\n"
GROWTH_KIB = 6_000
"""How much the gateway may grow while 10 MB pass: buffers, never the body."""


@pytest.fixture(scope="module")
def files() -> Iterator[FileApi]:
    api = FileApi()
    yield api
    api.close()


@pytest.fixture(scope="module")
def guard(up: GuardMaker, files: FileApi) -> Guard:
    cap = {"PUT /small/{name}": {"body_max_bytes": 1_000}}
    return up(files, operations=cap, budget={"upload_max_bytes": 2 * LARGE})


def multipart(title: str, photo: bytes) -> bytes:
    return (
        b'--xyz\r\ncontent-disposition: form-data; name="title"\r\n\r\n'
        + title.encode()
        + b'\r\n--xyz\r\ncontent-disposition: form-data; name="photo"; filename="a.png"\r\n'
        + b"content-type: image/png\r\n\r\n"
        + photo
        + b"\r\n--xyz--\r\n"
    )


FORM = "multipart/form-data; boundary=xyz"


def test_a_form_with_a_file_goes_on_byte_for_byte(guard: Guard, files: FileApi) -> None:
    body = multipart("cat", bytes(range(256)) * 200)
    assert guard.call("POST", "/photos", body, content_type=FORM).status == 200
    assert files.seen[-1].body == body
    assert files.seen[-1].values("content-type") == [FORM]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (multipart("a title too long", b"x"), "inspect.body-schema"),
        (multipart("cat", b"x").replace(b'"photo"', b'"other"'), "inspect.body-schema"),
        (multipart("cat", b"x").removesuffix(b"--\r\n"), "parse.bad-multipart"),
    ],
)
def test_a_form_that_breaks_its_promise_is_refused(guard: Guard, body: bytes, code: str) -> None:
    refused = guard.call("POST", "/photos", body, content_type=FORM)
    assert refused.status in (400, 422)
    assert code in [reason["code"] for reason in guard.event(refused.ref)["reasons"]]


# ---- large bodies, with flat memory ---------------------------------------------------------


def resident_kib(guard: Guard) -> int:
    status = Path(f"/proc/{guard.gateway_pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0])


def growth_while(guard: Guard, work: Callable[[], None]) -> int:
    """KiB by which the gateway grows while it works, at its highest."""
    work()  # What it needs once.
    before, seen, done = resident_kib(guard), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            seen[0] = max(seen[0], resident_kib(guard))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return seen[0] - before


def upload(client: Client, length: int) -> None:
    client.send(
        b"PUT /files/large HTTP/1.1\r\n"
        + HOST
        + b"content-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n" % length
    )
    for _ in range(length // 100_000):
        client.send(b"x" * 100_000)


def test_a_large_upload_streams_with_flat_memory(guard: Guard, files: FileApi) -> None:
    def play(peer: Peer, call: Call) -> bool:
        length = int(call.values("content-length")[0])
        return peer.send(answer(200, b"%d" % take(peer, length), kind="text/plain"))

    files.plays["/files/large"] = play
    files.unread.add("/files/large")

    def work() -> None:
        with guard.client() as client:
            upload(client, LARGE)
            assert client.response().body == b"%d" % LARGE

    assert growth_while(guard, work) < GROWTH_KIB


def test_a_large_download_streams_with_flat_memory(guard: Guard, files: FileApi) -> None:
    piece = bytes(range(250)) * 400

    def play(peer: Peer, call: Call) -> bool:
        peer.send(
            answer(200, b"", kind="application/octet-stream").replace(b": 0", b": %d" % LARGE)
        )
        return all(peer.send(piece) for _ in range(LARGE // len(piece)))

    files.plays["/files/down"] = play

    def work() -> None:
        with guard.client() as client:
            client.send(request("GET", "/files/down"))
            about = client.response("HEAD")  # The head alone.
            assert about.field("content-length") == str(LARGE)
            count = len(client._held)
            while count < LARGE:
                count += len(client.stream.recv(262_144))
            assert count == LARGE

    assert growth_while(guard, work) < GROWTH_KIB


def test_an_operation_has_its_own_cap(guard: Guard, files: FileApi) -> None:
    kind = "application/octet-stream"
    assert guard.call("PUT", "/small/a", b"x" * 1_000, content_type=kind).status == 200
    refused = guard.call("PUT", "/small/a", b"x" * 1_001, content_type=kind)
    assert refused.status == 413
    assert guard.event(refused.ref)["reasons"][0]["code"] == "parse.body-too-large"


def test_a_body_in_chunks_is_cut_off_at_its_cap(guard: Guard, files: FileApi) -> None:
    with guard.client() as client:
        client.send(
            b"PUT /small/chunked HTTP/1.1\r\n"
            + HOST
            + b"content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunk(b"x" * 900)
            + chunk(b"x" * 900)
        )
        assert client.response().status == 413
        assert client.is_closed()
    assert "/small/chunked" not in [call.path for call in files.seen if call.body]


# ---- ranges and conditions ------------------------------------------------------------------


def test_a_part_of_a_file_passes_with_all_its_fields(guard: Guard, files: FileApi) -> None:
    part = answer(
        206,
        b"0123",
        "content-range: bytes 0-3/10",
        'etag: "v1"',
        kind="application/octet-stream",
    )
    files.plays["/files/part"] = lambda peer, _call: peer.send(part)
    got = guard.call("GET", "/files/part", range="bytes=0-3", if_range='"v1"')
    assert (got.status, got.body) == (206, b"0123")
    assert (got.field("content-range"), got.field("etag")) == ("bytes 0-3/10", '"v1"')
    assert files.seen[-1].values("range") == ["bytes=0-3"]
    assert files.seen[-1].values("if-range") == ['"v1"']


@pytest.mark.parametrize("status", [304, 412, 416])
def test_what_http_answers_to_conditions_passes_undeclared(
    guard: Guard, files: FileApi, status: int
) -> None:
    files.plays["/files/same"] = lambda peer, _call: peer.send(
        f"HTTP/1.1 {status} X\r\ncontent-range: bytes */10\r\n".encode()
        + (b"\r\n" if status == 304 else b"content-length: 0\r\n\r\n")
    )
    with guard.client() as client:
        got = client.call("GET", "/files/same", range="bytes=99-", if_none_match='"v1"')
        assert (got.status, got.field("content-range")) == (status, "bytes */10")
        assert client.call("GET", "/items").status == 200, "the connection stays"


def test_json_that_is_shaped_is_asked_for_as_a_whole(guard: Guard, files: FileApi) -> None:
    body = b'{"name":"pen","secret":1}'
    files.plays["/items"] = lambda peer, _call: peer.send(answer(200, body))
    got = guard.call("GET", "/items", range="bytes=0-3")
    assert (got.status, got.json()) == (200, {"name": "pen"})
    assert files.seen[-1].values("range") == []


# ---- redirects ------------------------------------------------------------------------------


def test_a_redirect_to_the_address_of_the_api_leads_through_us(
    guard: Guard, files: FileApi
) -> None:
    def play(peer: Peer, call: Call) -> bool:
        to = f"location: http://127.0.0.1:{files.port}/items?a=1"
        at = f"content-location: http://localhost:{files.port}/items"
        return peer.send(answer(302, b"", to, at))

    files.plays["/moved"] = play
    got = guard.call("GET", "/moved")
    assert (got.status, got.field("location")) == (302, "/items?a=1")
    assert got.field("content-location") == "/items"


def test_a_redirect_elsewhere_stays(guard: Guard, files: FileApi) -> None:
    away = "location: https://login.example/a"
    files.plays["/moved"] = lambda peer, _call: peer.send(answer(302, b"", away))
    assert guard.call("GET", "/moved").field("location") == "https://login.example/a"


# ---- codings --------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_request_is_inspected_and_goes_on_decoded(
    guard: Guard, files: FileApi, coding: str
) -> None:
    files.plays.pop("/items", None)
    good, bad = (json.dumps({"name": name}).encode() for name in ("pen", "p" * 30))
    fields = {"content_type": JSON, "content_encoding": coding}
    assert guard.call("POST", "/items", CODINGS[coding](good), **fields).status == 200
    assert files.seen[-1].body == good
    assert files.seen[-1].values("content-encoding") == []
    assert guard.call("POST", "/items", CODINGS[coding](bad), **fields).status == 422


@pytest.mark.parametrize("coding", BOMBS)
def test_a_coded_bomb_is_refused_before_it_is_whole(
    guard: Guard, files: FileApi, coding: str
) -> None:
    count, bomb = len(files.seen), BOMBS[coding]()
    refused = guard.call("POST", "/items", bomb, content_type=JSON, content_encoding=coding)
    assert refused.status in (400, 413)
    assert len(files.seen) == count


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_response_is_shaped(guard: Guard, files: FileApi, coding: str) -> None:
    body = CODINGS[coding](b'{"name":"pen","secret":1}')
    coded = answer(200, body, f"content-encoding: {coding}")
    files.plays["/items"] = lambda peer, _call: peer.send(coded)
    got = guard.call("GET", "/items", accept_encoding=coding)
    assert (got.json(), got.field("content-encoding")) == ({"name": "pen"}, None)
    clean = CODINGS[coding](b'{"name":"pen"}')
    coded = answer(200, clean, f"content-encoding: {coding}")
    got = guard.call("GET", "/items", accept_encoding=coding)
    assert (got.body, got.field("content-encoding")) == (clean, coding)


# ---- chunks, trailers, HEAD -----------------------------------------------------------------


def test_chunks_and_trailers_pass_in_both_directions(guard: Guard, files: FileApi) -> None:
    raw = []

    def play(peer: Peer, call: Call) -> bool:
        while b"\r\n\r\n" not in peer.held:
            peer.fill()
        raw.append(peer.held)
        peer.held = b""
        return peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n"
            b"trailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunk(b"abc")
            + b"0\r\nx-sum: 2\r\n\r\n"
        )

    files.plays["/files/chunked"] = play
    files.unread.add("/files/chunked")
    with guard.client() as client:
        client.send(
            b"PUT /files/chunked HTTP/1.1\r\n"
            + HOST
            + b"content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunk(b"hello")
            + b"0\r\nx-check: 1\r\n\r\n"
        )
        until(lambda: raw or None)
        head = client._through(b"\r\n\r\n")
        assert b"200 OK" in head
        assert client._take(len(b"3\r\nabc\r\n0\r\n")) == b"3\r\nabc\r\n0\r\n"
        assert client._through(b"\r\n\r\n") == b"x-sum: 2\r\n\r\n"
    assert b"5\r\nhello\r\n0\r\nx-check: 1\r\n\r\n" in raw[0]


def test_head_of_a_download_has_its_length_and_no_body(guard: Guard, files: FileApi) -> None:
    files.plays["/files/about"] = lambda peer, _call: peer.send(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 99\r\n\r\n"
    )
    with guard.client() as client:
        got = client.call("HEAD", "/files/about")
        assert (got.status, got.field("content-length"), got.body) == (200, "99", b"")
        assert client.call("GET", "/items").status == 200, "the connection stays"


def test_an_upload_that_expects_is_invited_and_the_api_never_hears_of_it(
    guard: Guard, files: FileApi
) -> None:
    with guard.client() as client:
        client.send(
            b"PUT /files/expected HTTP/1.1\r\n"
            + HOST
            + b"content-type: application/octet-stream\r\ncontent-length: 5\r\n"
            + b"expect: 100-continue\r\n\r\n"
        )
        assert client.response().status == 100
        client.send(b"hello")
        assert client.response().body == b"got 5"
    assert files.seen[-1].values("expect") == []
