import urllib.error
import urllib.request
from email.message import Message
from io import BytesIO

import pytest

from bartizan.console import documents
from bartizan.console.documents import FetchFault, fetch, find, is_description
from bartizan.console.terminal import BROKEN, USAGE, Stopped

SPEC = b'{"openapi": "3.1.0", "paths": {}}'


@pytest.mark.parametrize(
    "body",
    [
        SPEC,
        b'{\n  "swagger" : "2.0"}',
        b"openapi: 3.0.3\ninfo: {}",
        b"# comment\nopenapi: '3.1.0'\n",
        b'{"info": {}, "openapi":"3.0.0"}',
    ],
)
def test_a_description_is_known_by_its_version(body: bytes) -> None:
    assert is_description(body)


@pytest.mark.parametrize(
    "body", [b"", b"<html>openapi 3.0</html>", b'{"data": "openapi"}', b'{"openapi": "1.0"}']
)
def test_what_a_server_answers_to_everything_is_no_description(body: bytes) -> None:
    assert not is_description(body)


def test_the_first_usual_place_with_a_description_is_taken() -> None:
    asked: list[str] = []

    def answer(url: str) -> bytes:
        asked.append(url)
        if url.endswith("/openapi.json"):
            raise FetchFault("404")
        return SPEC if url.endswith("/swagger.json") else b"<html>"

    assert find("http://127.0.0.1:8000/", answer) == "http://127.0.0.1:8000/swagger.json"
    assert asked[0] == "http://127.0.0.1:8000/openapi.json"


def test_an_api_that_is_down_ends_the_search_at_once() -> None:
    def answer(url: str) -> bytes:
        raise FetchFault(f"{url} refused", is_down=True)

    with pytest.raises(Stopped, match="cannot be reached") as stop:
        find("http://127.0.0.1:8000", answer)
    assert stop.value.status == BROKEN


def test_an_api_without_description_is_told_what_to_do() -> None:
    def answer(url: str) -> bytes:
        raise FetchFault("404")

    with pytest.raises(Stopped, match="no OpenAPI document") as stop:
        find("http://127.0.0.1:8000", answer)
    assert (stop.value.status, "--openapi" in stop.value.hint) == (USAGE, True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "openapi.json"])
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(FetchFault, match="not an http"):
        fetch(url)


def answer_with(monkeypatch: pytest.MonkeyPatch, outcome: bytes | Exception) -> None:
    def urlopen(_ask: object, timeout: float) -> BytesIO:
        assert timeout > 0
        if isinstance(outcome, Exception):
            raise outcome
        return BytesIO(outcome)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)


def test_a_body_is_read_up_to_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "SIZE_MAX_BYTES", 1 << 20)
    answer_with(monkeypatch, b"x" * (1 << 20))
    assert len(fetch("http://a/")) == 1 << 20
    answer_with(monkeypatch, b"x" * ((1 << 20) + 1))
    with pytest.raises(FetchFault, match="larger than 1 MiB"):
        fetch("http://a/")


def test_an_answer_and_no_answer_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, urllib.error.HTTPError("http://a/", 404, "no", Message(), BytesIO()))
    with pytest.raises(FetchFault, match="answers 404") as answered:
        fetch("http://a/")
    answer_with(monkeypatch, urllib.error.URLError(ConnectionRefusedError("refused")))
    with pytest.raises(FetchFault, match="does not answer") as silent:
        fetch("http://a/")
    assert (answered.value.is_down, silent.value.is_down) == (False, True)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://a/b é.json?q=ü&r=1", "http://a/b%20%C3%A9.json?q=%C3%BC&r=1"),
        ("http://a/b%20c.json?q=%2F", "http://a/b%20c.json?q=%2F"),
    ],
)
def test_what_no_request_line_holds_is_encoded_once(
    written: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def urlopen(ask: urllib.request.Request, timeout: float) -> BytesIO:
        del timeout
        seen.append(ask.full_url)
        return BytesIO(SPEC)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    fetch(written)
    assert seen == [asked]


def test_a_url_that_cannot_be_parsed_is_told() -> None:
    with pytest.raises(FetchFault, match="is not a URL"):
        fetch("http://[::1/openapi.json")
