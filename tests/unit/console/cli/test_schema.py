import json

import pytest

from bartizan.console.cli import main
from bartizan.console.cli.schema import schema_text


def test_the_schema_is_json_with_and_without_the_flag(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["schema"], ["schema", "--json"]):
        assert main(words) == 0
        assert json.loads(capsys.readouterr().out) == json.loads(schema_text())
    assert "upstream" in schema_text()
