import pytest

from bartizan.policy.forms import (
    Address,
    Base,
    Moment,
    Network,
    PathText,
    Url,
    is_loopback,
    is_url,
)
from bartizan.policy.kinds import Kind
from bartizan.policy.reading import INVALID
from tests.unit.policy.configured import reading

HTTP = Url(("http",), bare=True)
SOUND = [
    (HTTP, "http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    (HTTP, "http://[::1]:8000", "http://[::1]:8000"),
    (Url(("https", "http")), "https://idp.example.com/a", "https://idp.example.com/a"),
    (PathText(), "keys/jwks.json", "conf/keys/jwks.json"),
    (PathText(), "../jwks.json", "jwks.json"),
    (PathText(urls=True), "https://a/b", "https://a/b"),
    (PathText(words=("auto",)), "auto", "auto"),
    (Address(), "localhost:0", "127.0.0.1:0"),
    (Address(), "[::1]:8080", "[::1]:8080"),
    (Network(), "10.0.0.0/8", "10.0.0.0/8"),
    (Network(), "10.1.2.3", "10.1.2.3/32"),
    (Moment(), "1970-01-02", 86_400),
    (Moment(), "1970-01-01T01:00:00+01:00", 0),
    (Moment(), "1969-01-01", 0),
    (Base(), "/v1/", ("/v1",)),
    (Base(), ["/", "/v1", "/v1/"], ("", "/v1")),
]
WRONG = [
    (HTTP, "http://127.0.0.1:8000/api"),
    (HTTP, "http://127.0.0.1:99999"),
    (HTTP, "https://127.0.0.1"),
    (HTTP, "127.0.0.1:8000"),
    (HTTP, 8000),
    (PathText(), ""),
    (PathText(), "a\0b"),
    (PathText(), "https://a/b"),
    (PathText(urls=True), "ftp://a/b"),
    (Address(), ":8080"),
    (Address(), "example.com:80"),
    (Address(), "300.0.0.1:80"),
    (Address(), "127.0.0.1:70000"),
    (Network(), "10.0.0.1/8"),
    (Network(), 10),
    (Moment(), "31.1.2027"),
    (Moment(), 2027),
    (Base(), "v1"),
    (Base(), "/v1?x"),
    (Base(), []),
]


@pytest.mark.parametrize(("kind", "written", "read"), SOUND)
def test_a_sound_form_is_read(kind: Kind, written: object, read: object) -> None:
    one = reading()
    assert kind.read(written, "/a", one) == read
    assert one.diagnostics == []
    assert kind.schema({})


@pytest.mark.parametrize(("kind", "written"), WRONG)
def test_a_wrong_form_is_reported_once(kind: Kind, written: object) -> None:
    one = reading()
    assert kind.read(written, "/a", one) is INVALID
    assert len(one.diagnostics) == 1


def test_a_path_of_a_flag_starts_at_the_working_directory() -> None:
    assert PathText().read("jwks.json", "/jwks", reading({"/jwks": "--jwks"})) == "jwks.json"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/a", "http://localhost", "http://[::1]:80"])
def test_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1.evil.example", "http://localhost.evil", "http://10.0.0.1", "https://a"],
)
def test_names_that_only_begin_like_loopback_are_not(url: str) -> None:
    assert not is_loopback(url)
    assert is_url(url)
