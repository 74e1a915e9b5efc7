import pytest

from bartizan.console.cli.moments import moment_s, shown
from bartizan.console.terminal import Stopped


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("now", 1000),
        ("90s", 1090),
        ("2d", 1000 + 2 * 86_400),
        ("1970-01-02", 86_400),
        ("1970-01-02T00:00:00Z", 86_400),
        ("1970-01-02T01:00:00+01:00", 86_400),
    ],
)
def test_a_moment_is_read(text: str, wanted: int) -> None:
    assert moment_s(text, 1000) == wanted


@pytest.mark.parametrize("text", ["", "soon", "5", "2027-13-01", "d"])
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(Stopped):
        moment_s(text, 1000)


def test_a_moment_is_shown_in_utc() -> None:
    assert shown(86_400) == "1970-01-02 00:00 UTC"
    assert shown(None) == "never"
