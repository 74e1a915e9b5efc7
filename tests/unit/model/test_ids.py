import pytest

from bartizan.model.errors import Fault
from bartizan.model.ids import require_reference


def test_a_reference_is_read_in_either_case() -> None:
    assert require_reference(" 0123456789ABCDEF ") == "0123456789abcdef"


@pytest.mark.parametrize("text", ["", "0123456789abcde", "0123456789abcdei", "../../etc/passwd"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(Fault) as caught:
        require_reference(text)
    assert caught.value.code == "usage.bad-reference"
