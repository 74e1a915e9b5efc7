from pathlib import Path

import pytest

from bartizan.policy.key_files import key_fault

PUBLIC = '{"kty": "OKP", "crv": "Ed25519", "x": "a"}'


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----\nAA\n", "policy.private-key", "PRIVATE key in PEM"),
        ("Bag\n-----BEGIN EC PRIVATE KEY-----\nAA\n", "policy.private-key", "PRIVATE"),
        ('{"kty": "OKP", "x": "a", "d": "b"}', "policy.private-key", "PRIVATE"),
        ('{"keys": [{"kty": "OKP", "x": "a", "d": "b"}]}', "policy.private-key", "PRIVATE"),
        ("-----BEGIN PUBLIC KEY-----\nAA\n", "policy.no-usable-key", "`PUBLIC KEY`"),
        ('{"keys": []}', "policy.no-usable-key", "is empty"),
        (PUBLIC, "policy.no-usable-key", "no list `keys`"),
        ('{"keys": [{"kty": "oct", "k": "a"}, 3]}', "policy.no-usable-key", "can be used"),
        (f'{{"keys": [{PUBLIC[:-1]}, "use": "enc"}}]}}', "policy.no-usable-key", "can be used"),
        ("keys: none", "policy.no-usable-key", "no JSON"),
        ("", "policy.no-usable-key", "no JSON"),
    ],
)
def test_a_file_by_which_no_token_passes_is_told(
    text: str, code: str, word: str, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    fault = key_fault(file)
    assert fault is not None
    assert fault.code == code
    assert word in fault.message


def test_a_directory_and_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        fault = key_fault(place)
        assert fault is not None
        assert fault.code == "config.unreadable-file"


def test_a_set_with_one_public_key_is_good(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f'{{"keys": [{PUBLIC}, {{"kty": "oct", "k": "a"}}]}}')
    assert key_fault(file) is None
