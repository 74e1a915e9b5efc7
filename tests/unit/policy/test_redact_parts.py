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


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SECRET, KIND),
        (b"preamble" + form(part("a", b"1")), KIND),
        (form(part("a", b"1"), end=b""), KIND),
        (form(b"no-head"), KIND),
        (form(b"x: y\r\n\r\n1"), KIND),
        (form(part("a", b"1")), "multipart/form-data"),
    ],
)
def test_what_is_no_sound_form_is_none(raw: bytes, kind: str) -> None:
    assert blanked(raw, kind) is None
