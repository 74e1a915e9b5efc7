import pytest

from bartizan.policy.redact import Redactor
from bartizan.policy.redact_parts import Parts

KIND = 'multipart/form-data; boundary="b1"'
SECRET = b"canary-4711"


def form(*parts: bytes, end: bytes = b"--b1--\r\n") -> bytes:
    return b"".join(b"--b1\r\n" + one + b"\r\n" for one in parts) + end


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'content-disposition: form-data; name="{name}"{more}'.encode() + b"\r\n\r\n" + content


def blanked(raw: bytes, kind: str = KIND) -> bytes | None:
    return Parts(Redactor()).blanked(raw, kind)


def test_a_form_without_secrets_stays_byte_for_byte() -> None:
    raw = form(part("title", b"a pen"), part("count", b"3"))
    assert blanked(raw) == raw


def test_fields_are_masked_by_name_and_by_what_they_hold() -> None:
    json = '"\r\ncontent-type: application/json'
    raw = form(
        part("password", SECRET),
        part("note", b"token: " + SECRET),
        part("meta", b'{"token": "' + SECRET + b'"}', json[1:]),
    )
    kept = blanked(raw)
    assert kept == form(
        part("password", b"[masked]"),
        part("note", b"token: [masked]"),
        part("meta", b'{"token": "[masked]"}', json[1:]),
    )


def test_a_file_keeps_its_name_type_and_size_alone() -> None:
    head = '; filename="cat.png"\r\ncontent-type: image/png'
    kept = blanked(form(part("file", SECRET + b"\xff\r\n--b2", head)))
    assert kept == form(part("file", b"x" * (len(SECRET) + 7), head))


MIXED = "multipart/mixed; boundary=b1"


def plain(content: bytes, head: str = "") -> bytes:
    return head.encode() + b"\r\n\r\n" + content if head else b"\r\n" + content


@pytest.mark.parametrize("kind", [MIXED, "Multipart/Related; boundary=b1"])
def test_parts_without_names_are_masked_by_what_they_hold(kind: str) -> None:
    json = "content-type: application/json"
    raw = form(plain(b'{"token": "' + SECRET + b'"}', json), plain(b"password: " + SECRET))
    masked = form(plain(b'{"token": "[masked]"}', json), plain(b"password: [masked]"))
    assert blanked(raw, kind) == masked
    kept = form(plain(b'{"n": 1}', json), plain(b"hello"), plain(b""))
    assert blanked(kept, kind) == kept


@pytest.mark.parametrize("inner", ["image/png", "application/http", "multipart/mixed; boundary=b2"])
def test_a_part_that_cannot_be_looked_into_keeps_its_size_alone(inner: str) -> None:
    head = f"content-type: {inner}"
    kept = blanked(form(plain(SECRET + b"\xff", head)), MIXED)
    assert kept == form(plain(b"x" * (len(SECRET) + 1), head))


def test_headers_of_a_part_are_masked_by_name() -> None:
    head = "X-Api-Key: {0}\r\nauthorization: {0}\r\nx-trace: 1\r\nx-own: \xe9 {0}"
    raw = form(plain(b"a", head.format("ghp_" + "a1" * 18)))
    assert blanked(raw, MIXED) == form(plain(b"a", head.format("[masked]")))


def test_a_masked_part_tells_its_new_size() -> None:
    head = "content-type: application/json\r\nContent-Length: {}"
    raw = b'{"pin": "' + SECRET + b'"}'
    masked = b'{"pin": "[masked]"}'
    sent = form(plain(raw, head.format(len(raw))))
    assert blanked(sent, MIXED) == form(plain(masked, head.format(len(masked))))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SECRET, KIND),
        (b"preamble" + form(part("a", b"1")), KIND),
        (form(part("a", b"1"), end=b""), KIND),
        (form(b"no-head"), KIND),
        (form(b"x: y\r\n\r\n1"), KIND),
        (form(part("a", b"1")), "multipart/form-data"),
        (form(plain(b"1")), KIND),
        (form(plain(b"1", "x-token: a\r\n " + SECRET.decode())), MIXED),
        (form(plain(b"1"), end=b""), MIXED),
    ],
)
def test_what_is_no_sound_form_is_none(raw: bytes, kind: str) -> None:
    assert blanked(raw, kind) is None
