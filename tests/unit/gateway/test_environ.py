from __future__ import annotations

from typing import Any

import pytest

from bartizan.gateway import environ as environs
from tests.unit.gateway.mounted_wsgi import environ


def test_the_target_is_what_the_client_sent_where_the_server_kept_it() -> None:
    seen = environ(path="/a b", RAW_URI="/a%20b?x=%2F", QUERY_STRING="x=%2F")
    assert environs.target_of(seen) == b"/a%20b?x=%2F"
    assert (
        environs.target_of({**seen, "RAW_URI": "", "REQUEST_URI": "/%61%20b"}) == b"/%61%20b?x=%2F"
    )


@pytest.mark.parametrize("written", ["/other", "http://h/a", "", "/a/../b"])
def test_a_raw_target_that_means_another_path_is_not_believed(written: str) -> None:
    assert environs.target_of(environ(path="/a;b", RAW_URI=written)) == b"/a;b"


def test_the_prefix_of_the_app_is_no_part_of_the_target() -> None:
    seen = environ(path="/pets", SCRIPT_NAME="/api", RAW_URI="/api/pets")
    assert environs.target_of(seen) == b"/pets"
    assert environs.call_of(seen).root == "/api"
    assert environs.target_of({**seen, "RAW_URI": ""}) == b"/pets"


def test_fields_come_back_with_their_dashes() -> None:
    seen = environ(HTTP_X_TRACE="7", CONTENT_TYPE="a/b", CONTENT_LENGTH="")
    assert sorted(environs.fields_of(seen)) == [
        (b"content-type", b"a/b"), (b"host", b"api.local"), (b"x-trace", b"7")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "length"),
    [({"CONTENT_LENGTH": "7"}, 7), ({}, 0), ({"CONTENT_LENGTH": "x"}, 0),
     ({"HTTP_TRANSFER_ENCODING": "chunked"}, 0),
     ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, None)],
)  # fmt: skip
def test_the_length_of_a_body_is_what_the_server_vouches_for(
    more: dict[str, Any], length: int | None
) -> None:
    assert environs.body_length(environ(**more)) == length


def test_the_app_sees_fields_as_inspected_and_nothing_else() -> None:
    seen = environ("POST", HTTP_X_USER_ID="1", CONTENT_TYPE="a/b", CONTENT_LENGTH="3")
    fields = [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y"),
              (b"x-forwarded-for", b"1.2.3.4")]  # fmt: skip
    given = environs.environ_of(seen, b"/pets/7", fields, b"/pets/7", 2)
    assert given["HTTP_COOKIE"] == "a=1; b=2"
    assert given["HTTP_ACCEPT"] == "x,y"
    assert given["CONTENT_LENGTH"] == "2"
    assert not {"HTTP_X_USER_ID", "HTTP_X_FORWARDED_FOR", "CONTENT_TYPE"} & set(given)


def test_a_target_that_was_rewritten_takes_path_and_query_along() -> None:
    seen = environ(path="//a", RAW_URI="//a")
    given = environs.environ_of(seen, b"/a?x=1", [], b"//a", None)
    assert (given["PATH_INFO"], given["QUERY_STRING"]) == ("/a", "x=1")
    assert "RAW_URI" not in given


def test_the_zone_of_an_address_is_left_out() -> None:
    assert environs.peer_of({"REMOTE_ADDR": "fe80::1%eth0"}) == "fe80::1"
    assert environs.peer_of({}) == ""
