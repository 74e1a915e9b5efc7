import pytest

from bartizan.model.errors import Fault
from bartizan.policy.sources.library import BYTES_MAX, Library, RefError

FILES = {
    "api/openapi.yaml": "a: { b: 1 }\nlist: [{ c: 2 }]\n",
    "api/parts/user.yaml": "type: object\nother: { x: 1 }\n",
    "secret.yaml": "a: 1\n",
    "api/broken.yaml": "a: [\n",
    "api/named.yaml": "$defs: { n: { $id: 'https://x.example/n', $anchor: here, type: string } }\n",
}


def library(location: str = "api/openapi.yaml") -> tuple[Library, list[str]]:
    fetched: list[str] = []

    def fetch(path: str) -> bytes:
        fetched.append(path)
        if path not in FILES:
            raise FileNotFoundError(2, "No such file")
        return FILES[path].encode()

    return Library(location, fetch), fetched


def test_a_ref_inside_the_document_leads_to_its_spot() -> None:
    one, _ = library()
    assert one.resolve("#/a/b", 1, "") == (1, "/a/b")
    assert one.node((1, "/list/0/c")) == 2


def test_another_document_is_fetched_once() -> None:
    one, fetched = library()
    assert one.resolve("parts/user.yaml#/other", 1, "/x") == (2, "/other")
    assert one.resolve("./parts/user.yaml", 1, "/y") == (2, "")
    assert fetched == ["api/openapi.yaml", "api/parts/user.yaml"]
    assert one.resolve("../openapi.yaml#/a", 2, "") == (1, "/a")


@pytest.mark.parametrize(
    "ref",
    [
        "../secret.yaml",
        "parts/../../secret.yaml",
        "%2e%2e/secret.yaml",
        "/secret.yaml",
        "https://evil.example/a.yaml",
        "file:///secret.yaml",
    ],
)
def test_a_ref_beyond_the_directory_is_never_fetched(ref: str) -> None:
    one, fetched = library()
    with pytest.raises(RefError):
        one.resolve(ref, 1, "")
    assert fetched == ["api/openapi.yaml"]


@pytest.mark.parametrize("ref", ["#/none", "#nowhere", "none.yaml", "broken.yaml"])
def test_a_ref_that_leads_nowhere_says_so_each_time(ref: str) -> None:
    one, _ = library()
    for _ in range(2):
        with pytest.raises(RefError, match=r"`"):
            one.resolve(ref, 1, "")


def test_an_anchor_is_found_inside_its_id() -> None:
    one, _ = library("api/named.yaml")
    assert one.resolve("#here", 1, "/$defs/n/type") == (1, "/$defs/n")


def test_urls_stay_on_their_host_and_directory() -> None:
    held = {"https://a.example/d/o.json": b"{}", "https://a.example/d/p.json": b"{}"}
    one = Library("https://a.example/d/o.json", held.__getitem__)
    assert one.resolve("p.json", 1, "") == (2, "")
    for ref in ("/o.json", "//b.example/d/o.json", "../e/o.json", "https://a.example/e.json"):
        with pytest.raises(RefError):
            one.resolve(ref, 1, "")


def test_a_document_that_cannot_be_read_or_is_too_large_is_a_fault() -> None:
    with pytest.raises(Fault) as raised:
        library("api/none.yaml")
    assert raised.value.code == "description.unreadable"
    with pytest.raises(Fault) as raised:
        Library("a.yaml", lambda _: b" " * (BYTES_MAX + 1))
    assert raised.value.code == "description.too-large"


def test_a_document_of_3_2_is_named_by_its_self() -> None:
    files = {
        "api/openapi.yaml": "openapi: 3.2.0\n$self: https://x.example/spec/openapi\na: 1\n",
        "api/parts/user.yaml": "openapi: 3.2.0\n$self: /spec/people\nb: 2\n",
    }
    one = Library("api/openapi.yaml", lambda path: files[path].encode())
    assert one.resolve("parts/user.yaml#/b", 1, "") == (2, "/b")
    assert one.resolve("https://x.example/spec/openapi#/a", 2, "") == (1, "/a")
    assert one.resolve("https://x.example/spec/parts/user.yaml#/b", 1, "") == (2, "/b")
    with pytest.raises(RefError, match="leaves the directory"):
        one.resolve("https://evil.example/spec/openapi#/a", 1, "")


def test_a_self_means_nothing_before_3_2() -> None:
    text = b"openapi: 3.1.0\n$self: https://x.example/spec/openapi\na: 1\n"
    one = Library("openapi.yaml", lambda _: text)
    with pytest.raises(RefError, match="leaves the directory"):
        one.resolve("https://x.example/spec/openapi#/a", 1, "")


def test_an_anchor_in_a_property_called_default_is_found() -> None:
    text = b"properties: { default: { $anchor: here } }\ndefault: { $anchor: value }\n"
    one = Library("openapi.yaml", lambda _: text)
    assert one.resolve("#here", 1, "") == (1, "/properties/default")
    with pytest.raises(RefError, match="not there"):
        one.resolve("#value", 1, "")
