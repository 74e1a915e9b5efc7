"""What `check --output-format sarif` writes, held against the JSON Schema of SARIF 2.1.0."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bartizan.console.cli import main
from tests.documents.packages import SARIF
from tests.mistakes.judge import write_site
from tests.mistakes.seeds import mistakes

EVERY = 4
"""Of the seeded mistakes, each so many-th is told as SARIF."""
_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
"""The characters of a URI reference (RFC 3986, section 2)."""
FORMATS = jsonschema.FormatChecker(())


@FORMATS.checks("uri")
@FORMATS.checks("uri-reference")
def _is_reference(value: object) -> bool:
    return not isinstance(value, str) or _REFERENCE.fullmatch(value) is not None


@pytest.fixture(scope="module")
def schema() -> Any:
    """A validator of SARIF logs."""
    written = json.loads(SARIF.path().read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(written, format_checker=FORMATS)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def log_of(config: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The log that `check` writes."""
    capsys.readouterr()
    main(["check", "--config", str(config), "--output-format", "sarif"])
    return json.loads(capsys.readouterr().out)


def results(log: Any) -> list[Any]:
    """Its results, each with a rule that the log holds."""
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    return list(run["results"])


def test_a_log_without_results_fits_its_schema(
    schema: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = log_of(write_site(tmp_path / "site"), capsys)
    schema.validate(log)
    assert results(log) == []


def test_every_kind_of_fault_and_warning_fits_its_schema(
    schema: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = set()
    for mistake in mistakes()[::EVERY]:
        log = log_of(write_site(tmp_path / "a b é %", mistake), capsys)
        schema.validate(log)
        found = results(log)
        assert found
        told |= {one["ruleId"] for one in found}
    assert len(told) > 8


def test_a_fault_without_a_file_of_ours_fits_its_schema(
    schema: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    for openapi in ("missing one.json", "http://127.0.0.1:1/a%20b.json?q=ü"):
        config.write_text(f"upstream: http://127.0.0.1:1\nopenapi: {openapi}\n")
        log = log_of(config, capsys)
        schema.validate(log)
        assert results(log)


def test_the_schema_finds_what_is_wrong(
    schema: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = log_of(write_site(tmp_path / "site", mistakes()[0]), capsys)
    result = results(log)[0]
    result["level"] = "fatal"
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b"
    assert len(list(schema.iter_errors(log))) == 2
