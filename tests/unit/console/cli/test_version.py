import json

import pytest

from bartizan import __version__
from bartizan.console.cli import main


@pytest.mark.parametrize("word", ["version", "--version", "-V"])
def test_the_version_is_one_line(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    assert capsys.readouterr().out == f"bartizan {__version__}\n"


def test_the_version_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bartizan"] == __version__
