from __future__ import annotations

import pytest

from bartizan.console.demo.shop.message import Refused, Request, Response


def test_target_is_cut_into_path_and_query() -> None:
    request = Request("GET", "/a/b?x=1&x=2&y=%20")
    assert (request.path, request.query) == ("/a/b", {"x": "2", "y": " "})


def test_body_is_a_json_object() -> None:
    assert Request("POST", "/", body=b'{"a": 1}').data() == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_any_other_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        Request("POST", "/", body=body).data()
    assert refused.value.status == 400


def test_response_without_data_has_no_body() -> None:
    assert Response(204).body() == b""
    assert Response(200, []).body() == b"[]"
