from __future__ import annotations

import pytest

from bartizan.gateway import messages
from tests.unit.gateway.mounted import scope


def test_the_target_is_what_the_client_sent() -> None:
    seen = scope(path="/a b", raw_path=b"/a%20b", query_string=b"x=1")
    assert messages.target_of(seen) == b"/a%20b?x=1"


def test_a_server_without_raw_path_gives_the_path_encoded_again() -> None:
    assert messages.target_of(scope(path="/a b/\u00e9", raw_path=None)) == b"/a%20b/%C3%A9"


@pytest.mark.parametrize(
    ("fields", "version", "length"),
    [
        ([], "1.1", 0),
        ([(b"content-length", b"5")], "1.1", 5),
        ([(b"content-length", b"+5")], "1.1", None),
        ([(b"transfer-encoding", b"chunked")], "1.1", None),
        ([], "2", messages.UNTOLD),
        ([(b"content-length", b"5")], "2", 5),
    ],
)
def test_the_head_tells_the_length_of_the_body_where_it_does(
    fields: list[tuple[bytes, bytes]], version: str, length: int | None
) -> None:
    assert messages.body_length(scope(fields=fields, http_version=version)) == length


def test_a_whole_answer_has_the_length_of_its_own_body() -> None:
    start, body = messages.whole(403, [(b"a", b"b")], b"no")
    assert start["headers"] == [(b"a", b"b"), (b"content-length", b"2")]
    assert body["body"] == b"no"


def test_an_answer_that_has_no_body_has_no_length() -> None:
    assert messages.whole(204, [], None)[0]["headers"] == []


def test_framing_of_a_response_is_told_apart_from_its_fields() -> None:
    headers = [[b"Content-Length", b"3"], [b"X-A", b"1"], (b"Transfer-Encoding", b"chunked")]
    assert messages.without_length(headers) == ([(b"x-a", b"1")], 3)


def test_the_app_sees_the_canonical_target() -> None:
    seen = messages.scope_of(scope(path="/%61"), b"/a?x=1", [], None)
    assert (seen["path"], seen["raw_path"], seen["query_string"]) == ("/a", b"/a", b"x=1")


def test_the_app_keeps_its_path_where_nothing_changed() -> None:
    seen = messages.scope_of(scope(path="/api/a"), b"/api/a", [], None)
    assert seen["path"] == "/api/a"


def test_no_forwarding_is_told_where_nothing_was_forwarded() -> None:
    fields = [(b"x-forwarded-for", b"192.0.2.7"), (b"via", b"1.1 bartizan"), (b"a", b"b")]
    assert messages.scope_of(scope(), b"/pets/7", fields, None)["headers"] == [(b"a", b"b")]


def test_the_app_is_offered_no_way_around_the_response() -> None:
    offered = {"tls": {"cipher": 1}, "http.response.pathsend": {}, "http.response.trailers": {}}
    seen = messages.scope_of(scope(extensions=offered), b"/pets/7", [], None)
    assert seen["extensions"] == {"tls": {"cipher": 1}}


@pytest.mark.parametrize(
    ("client", "peer"),
    [(("192.0.2.7", 1), "192.0.2.7"), (("fe80::1%eth0", 1), "fe80::1"), (None, "")],
)
def test_the_peer_is_the_address_alone(client: object, peer: str) -> None:
    assert messages.peer_of(scope(client=client)) == peer
