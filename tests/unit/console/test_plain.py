from pathlib import Path

import pytest

from bartizan.console.plain import plain_config


def test_a_config_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://a\nnot_a_key: [1]\n")
    assert plain_config(file) == {"upstream": "http://a", "not_a_key": [1]}


@pytest.mark.parametrize("text", ["a: [", "- 1", ""])
def test_a_broken_config_is_no_config(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text(text)
    assert plain_config(file) == {}
    assert plain_config(None) == {}
    assert plain_config(tmp_path / "none.yaml") == {}
