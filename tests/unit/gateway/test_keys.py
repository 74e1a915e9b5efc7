from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from bartizan.gateway.keys import ASK_EVERY_MS, Keys, KeysFault, KeySource, fetch, sources_of

SET = b'{"keys":[]}'


class Shelf:
    """Plays the Live and the network."""

    def __init__(self, **places: bytes) -> None:
        self.places = places
        self.fetched: list[str] = []
        self.loaded: list[tuple[int, bytes]] = []
        self.said: list[str] = []
        self.now_ms = 0

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.places.get(url.rpartition("/")[2], SET)

    def load(self, issuer: int, keys: bytes, _unix_ms: int) -> int:
        if keys == b"bad":
            raise ValueError("no usable key")
        self.loaded.append((issuer, keys))
        return 1

    def keys(self, *sources: KeySource) -> Keys:
        return Keys(
            sources, self.load, fetch=self.fetch, now_ms=lambda: self.now_ms, say=self.said.append
        )


def url(place: str, *, danger: bool = False) -> KeySource:
    form = {"from": "url", "url": place, "danger_allow_http": danger}
    return KeySource("main", "https://idp.example.com", form)


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(SET)
    shelf = Shelf()
    place = {"from": "file", "path": str(tmp_path / "keys.json")}
    shelf.keys(KeySource("main", "https://idp.example.com", place)).refresh_all()
    assert (shelf.loaded, shelf.fetched) == ([(0, SET)], [])


def test_keys_come_from_where_discovery_says() -> None:
    about = json.dumps({"jwks_uri": "https://idp.example.com/keys"}).encode()
    shelf = Shelf(**{"openid-configuration": about})
    shelf.keys(KeySource("main", "https://idp.example.com/", {"from": "discovery"})).refresh_all()
    assert shelf.fetched == [
        "https://idp.example.com/.well-known/openid-configuration",
        "https://idp.example.com/keys",
    ]


@pytest.mark.parametrize(
    "place", ["http://idp.example.com/keys", "file:///etc/passwd", "ftp://127.0.0.1/keys"]
)
def test_keys_that_could_be_changed_on_the_way_are_not_fetched(place: str) -> None:
    shelf = Shelf()
    shelf.keys(url(place)).refresh_all()
    assert (shelf.fetched, shelf.loaded) == ([], [])
    assert "neither https nor http on loopback" in shelf.said[0]


@pytest.mark.parametrize("place", ["https://idp.example.com/k", "http://127.0.0.1:1/k"])
def test_keys_over_https_or_from_loopback_are(place: str) -> None:
    shelf = Shelf()
    shelf.keys(url(place)).refresh_all()
    assert shelf.fetched == [place]


def test_plain_http_needs_a_word_of_the_owner() -> None:
    shelf = Shelf()
    shelf.keys(url("http://idp.example.com/k", danger=True)).refresh_all()
    assert len(shelf.loaded) == 1


def test_a_bad_set_is_said_and_replaces_nothing() -> None:
    shelf = Shelf(keys=b"bad")
    shelf.keys(url("https://idp.example.com/keys")).refresh_all()
    assert shelf.loaded == []
    assert "no usable key" in shelf.said[0]


def test_tokens_of_unknown_keys_cause_one_look_up_in_their_time() -> None:
    shelf = Shelf()
    keys = shelf.keys(url("https://idp.example.com/keys"))
    for shelf.now_ms in (10, 20, ASK_EVERY_MS + 9, ASK_EVERY_MS + 10):
        keys.refresh(0, is_asked=True)
    assert len(shelf.fetched) == 2


def test_whoever_comes_meanwhile_waits_for_the_same_look_up() -> None:
    shelf = Shelf()
    entered, leave = threading.Event(), threading.Event()

    def slow(place: str) -> bytes:
        entered.set()
        leave.wait(5)
        return Shelf.fetch(shelf, place)

    keys = Keys([url("https://a.example/k")], shelf.load, fetch=slow, now_ms=lambda: 0, say=print)
    threads = [threading.Thread(target=lambda: keys.refresh(0, is_asked=True)) for _ in range(4)]
    for one in threads:
        one.start()
    entered.wait(5)
    leave.set()
    for one in threads:
        one.join(5)
    assert len(shelf.fetched) == 1


def test_only_http_is_opened() -> None:
    with pytest.raises(ValueError, match="not an http"):
        fetch("file:///etc/passwd")


def test_sources_are_read_from_the_form() -> None:
    form = {"issuers": [{"id": "a", "issuer": "https://a", "keys": {"from": "discovery"}}]}
    assert sources_of(form) == [KeySource("a", "https://a", {"from": "discovery"})]
    assert sources_of({}) == []


def test_a_fault_says_why() -> None:
    with pytest.raises(KeysFault, match="No such file"):
        KeySource("a", "https://a", {"from": "file", "path": "/no/such"}).read(fetch)
