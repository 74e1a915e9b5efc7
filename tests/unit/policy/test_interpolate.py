from pathlib import Path

import pytest

from bartizan.policy.interpolate import FILE_MAX_BYTES, InterpolationError, interpolate


def test_variables_defaults_and_files_are_filled_in(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("hot\n")
    environ = {"A": "1", "EMPTY": ""}
    assert interpolate("x${A}y${B:-z}", environ, tmp_path) == "x1yz"
    assert interpolate("${EMPTY:-d}${EMPTY}", environ, tmp_path) == "d"
    assert interpolate("${file:pepper}", environ, tmp_path) == "hot"
    assert interpolate("$${A}", environ, tmp_path) == "${A}"
    assert interpolate("plain $A", environ, tmp_path) == "plain $A"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${NOPE}", "config.unset-variable"),
        ("${A", "config.bad-expression"),
        ("${}", "config.bad-expression"),
        ("${a b}", "config.bad-expression"),
        ("${file:none}", "config.unreadable-file"),
        ("${file:big}", "config.unreadable-file"),
        ("${file:raw}", "config.unreadable-file"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * (FILE_MAX_BYTES + 1))
    (tmp_path / "raw").write_bytes(b"\xff")
    with pytest.raises(InterpolationError) as caught:
        interpolate(text, {}, tmp_path)
    assert caught.value.code == code
