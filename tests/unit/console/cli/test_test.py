import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bartizan.console.cli import main
from tests.unit.console.built import built

TESTS = """\
tests:
  - { request: GET /users, expect: allow }
  - { name: "no <other> door", request: GET /other, expect: deny, code: match.unknown-path }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nopenapi: openapi.json\nmode: enforce\n")
    built(file)
    file.write_text(file.read_text() + TESTS)
    return file


def test_tests_that_hold_are_clean(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert out == "ok   GET /users\nok   no <other> door\n"
    assert err == "2 tests, 0 failed\n"


def test_a_failing_test_is_told_at_its_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace("expect: allow", "expect: throttle"))
    assert main(["test", "--config", str(config)]) == 1
    assert f"--> {config}:5:5" in capsys.readouterr().out
    assert main(["test", "--config", str(config), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert [(one["passed"], one["line"]) for one in data["tests"]] == [(False, 5), (True, 6)]


def test_junit_counts_and_escapes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace("unknown-path", "unknown-method"))
    assert main(["test", "--config", str(config), "--output-format", "junit"]) == 1
    suite = ET.fromstring(capsys.readouterr().out)  # noqa: S314 -- our own text
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite[1].get("name") == "no <other> door"
    assert "match.unknown-path" in str(suite[1][0].get("message"))


def test_a_config_without_tests_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nopenapi: openapi.json\n")
    built(file)
    assert main(["test", "--config", str(file)]) == 2
    assert "has no `tests:`" in capsys.readouterr().err
