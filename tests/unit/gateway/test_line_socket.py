from pathlib import Path

import pytest

from bartizan.gateway.line_socket import ask


def test_asking_where_nobody_serves_is_an_error_at_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r".+"):
        next(ask(tmp_path / "none.sock", {}))
