import zlib
from dataclasses import replace

from bartizan.identity.api_keys import (
    ENTROPY_BYTES,
    TEXT_BYTES,
    drop_pepper,
    found_in,
    revoke,
    rotate,
    write,
)
from bartizan.model.credential import ApiKey
from tests.unit.identity.issued import NOW_S, key, secret

TEXT = "btz_svc_live_000000001_000000000000000000000000002"


def ends(key: ApiKey) -> list[tuple[str, int | None]]:
    return [(one.digest, one.retires_s) for one in key.secrets]


def texts(data: bytes) -> list[str]:
    return [text.reveal() for _, _, text in found_in(data)]


def test_a_written_key_is_found_again_with_its_id() -> None:
    key_id, text = write("svc", "live", bytes(5) + b"\1" + bytes(19) + b"\2")
    assert (key_id, text.reveal()[:-6]) == ("000000001", TEXT)
    assert len(text.reveal()) == TEXT_BYTES
    found = list(found_in(b"authorization: " + text.reveal().encode() + b"\n"))
    assert [(offset, one) for offset, one, _ in found] == [(15, "000000001")]
    assert "btz" not in repr(text)


def test_the_checksum_is_crc_32_in_base62() -> None:
    _, text = write("svc", "live", bytes(5) + b"\1" + bytes(19) + b"\2")
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for digit in text.reveal()[-6:]:
        number = number * 62 + digits.index(digit)
    assert number == zlib.crc32(TEXT.encode())


def test_a_text_with_another_checksum_is_no_key() -> None:
    _, text = write("agt", "test", bytes(range(ENTROPY_BYTES)))
    good = text.reveal()
    for index in range(13, len(good)):
        if good[index] != "_":
            forged = good[:index] + ("7" if good[index] != "7" else "8") + good[index + 1 :]
            assert texts(forged.encode()) == [], index
    assert texts(good[:-1].encode()) == []
    assert texts((good + "x").encode()) == []
    assert texts((good + " x").encode()) == [good]


def test_a_rotation_keeps_the_newest_secret_for_the_grace_alone() -> None:
    once = rotate(key(), secret("b"), NOW_S, 100)
    assert ends(once) == [("a", NOW_S + 100), ("b", None)]
    assert (once.state(NOW_S), once.state(NOW_S + 100)) == ("rotating", "live")
    twice = rotate(once, secret("c"), NOW_S + 1, 500)
    assert ends(twice) == [("b", NOW_S + 501), ("c", None)]
    at_once = rotate(twice, secret("d"), NOW_S + 2, 0)
    assert [one.digest for one in at_once.secrets] == ["d"]


def test_an_old_secret_that_is_still_used_lives_on() -> None:
    once = rotate(key(), secret("b"), NOW_S, 100)
    used = replace(once, secrets=(replace(once.secrets[0], used_s=NOW_S + 90), once.secrets[1]))
    assert ends(used) == [("a", NOW_S + 190), ("b", None)]


def test_secrets_under_an_older_pepper_end_with_it() -> None:
    both = rotate(key(), secret("b", pepper="new"), NOW_S, 100)
    left = drop_pepper(both, "new", NOW_S + 1)
    assert ends(left) == [("a", NOW_S + 1), ("b", None)]
    assert left.state(NOW_S + 1) == "live"
    assert drop_pepper(key(), "new", NOW_S + 1).state(NOW_S + 1) == "expired"


def test_a_second_revocation_changes_nothing() -> None:
    first = revoke(key(), NOW_S)
    assert first.state(NOW_S) == "revoked"
    assert revoke(first, NOW_S + 5) == first
