import pytest

from bartizan.model.errors import Fault
from bartizan.policy.sources import read


def read_text(text: str) -> None:
    read("a.yaml", lambda _: text.encode())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1", "description.not-openapi"),
        ("openapi: 3.3.0", "description.version"),
        ("swagger: '1.2'", "description.version"),
        ("[]", "description.not-openapi"),
        ("openapi: 3.1.0\npaths: []", "description.paths"),
        ("swagger: '2.0'\npaths: all", "description.paths"),
        ("openapi: 3.0.3\nopenapi: 3.1.0", "yaml.duplicate-key"),
    ],
)
def test_what_is_no_description_we_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        read_text(text)
    assert caught.value.code == code


def test_a_file_that_is_not_there_is_one_message() -> None:
    def fetch(location: str) -> bytes:
        raise FileNotFoundError(2, "No such file")

    with pytest.raises(Fault) as caught:
        read("a.yaml", fetch)
    assert caught.value.code == "description.unreadable"


def test_swagger_as_a_number_is_read() -> None:
    assert read("a.yaml", lambda _: b"swagger: 2.0\npaths: { /a: { get: {} } }").version == "2.0"


def test_a_description_behind_a_url_stays_on_its_host_and_directory() -> None:
    held = {
        "http://h/api/o.json": b'{"openapi": "3.0.3", "paths": {"/a": {"$ref": "p.json"}, "/b": {"$ref": "/p.json"},'
        b' "/c": {"$ref": "http://evil/p.json"}}}',
        "http://h/api/p.json": b'{"get": {}}',
    }
    description = read("http://h/api/o.json", held.__getitem__)
    assert [one.path for one in description.operations] == ["/a"]
    told = [one.message for one in description.warnings if "leaves the host" in one.message]
    assert len(told) == 2
