import json
from pathlib import Path

import pytest

from bartizan.console.cli import main
from tests.unit.console.built import built
from tests.unit.console.cli.records import REF, line, record

TEXT = """\
# ours
upstream: http://127.0.0.1:8000  # the API
openapi: openapi.json
mode: enforce
"""
EXCEPTION = """\
exceptions:
  - rule: inspect.body-schema
    operation: POST /users
    field: "body#/email"
    reason: old app
"""
SCHEMA: dict[str, object] = {
    "code": "inspect.body-schema", "stage": "inspect", "in": "body", "pointer": "/email",
    "standing": "enforced",
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text(TEXT)
    built(file)
    return file


def refused(config: Path, *reasons: dict[str, object], operation: str = "POST /users") -> None:
    own = [SCHEMA | one for one in reasons] or [SCHEMA]
    facts: dict[str, object] = {"enforcement": "enforced", "upstream_status": 0}
    one = line(reasons=own, operation=operation, **facts)  # type: ignore[arg-type]
    more = line("b" * 16, reasons=[SCHEMA], enforcement="enforced", peer="192.0.2.7")
    record(config.parent, one, more)


def admit(config: Path, *words: str) -> int:
    where = ["--config", str(config), "--state", str(config.parent)]
    return main(["admit", REF, *where, *words])


def test_the_change_is_shown_with_what_it_does_and_then_written(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config)
    assert admit(config, "--reason", "old app") == 1
    out, err = capsys.readouterr()
    assert config.read_text() == TEXT
    assert "+  - rule: inspect.body-schema" in out
    assert "caution: this operation writes" in out
    assert "this request would pass; so would 1 of 1 other refusal of the record" in out
    assert "nothing was written; `--yes` writes it" in err
    assert admit(config, "--reason", "old app", "--yes") == 0
    assert config.read_text() == TEXT + EXCEPTION
    assert "`bartizan admit --undo` takes it back" in capsys.readouterr().err
    assert admit(config, "--reason", "old app", "--yes") == 0
    assert "holds this change already" in capsys.readouterr().err
    words = ["--config", str(config), "--state", str(config.parent), "--yes"]
    assert main(["admit", "--undo", *words]) == 0
    assert config.read_text() == TEXT


def test_an_exception_without_a_reason_is_shown_and_never_written(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config)
    assert admit(config) == 1
    out, err = capsys.readouterr()
    assert "FILL IN" not in out
    assert "--reason" in err
    assert admit(config, "--yes") == 2
    assert config.read_text() == TEXT


def test_all_that_stands_against_the_request_is_admitted_at_once(config: Path) -> None:
    refused(config, {}, {"pointer": "/name"}, {"code": "parse.semicolon", "in": "query"})
    assert admit(config, "--reason", "old app", "--yes") == 0
    text = config.read_text()
    assert text.count("- rule:") == 2
    assert "- parse.semicolon" in text


def test_one_rule_may_be_admitted_without_the_others(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config, {}, {"code": "parse.semicolon", "in": "query"})
    assert admit(config, "--rule", "parse.semicolon", "--yes") == 0
    assert "exceptions" not in config.read_text()
    assert admit(config, "--rule", "match.unknown-path") == 2
    assert "does not stand against this request" in capsys.readouterr().err


def test_what_no_change_admits_is_told_and_nothing_is_written(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config, {"code": "identify.expired", "stage": "identify", "in": "header"})
    assert admit(config, "--yes") == 2
    assert "a valid credential mends it" in capsys.readouterr().err
    assert config.read_text() == TEXT


def test_a_change_that_would_not_let_it_pass_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(TEXT + "controls: { inspect: enforce }\n")
    refused(config)
    # The record says shadow: a control in shadow changes nothing about it.
    record(config.parent, line("c" * 16))
    where = ["--config", str(config), "--state", str(config.parent), "--shadow", "--yes"]
    assert main(["admit", "c" * 16, *where]) == 2
    assert "it would still be refused" in capsys.readouterr().err
    assert "operations" not in config.read_text()


def test_a_change_that_would_not_load_is_refused_at_the_line_of_the_file(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config, operation="POST /gone")
    assert admit(config, "--reason", "old app", "--yes") == 2
    err = capsys.readouterr().err
    assert "policy.unknown-operation" in err
    assert f"{config}:7" in err
    assert config.read_text() == TEXT


def test_a_control_may_be_put_into_shadow_instead(config: Path) -> None:
    refused(config)
    assert admit(config, "--shadow", "--yes") == 0
    assert config.read_text().endswith("POST /users:\n    controls:\n      inspect: shadow\n")


def test_what_the_record_cannot_tell_is_said(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config, {"code": "parse.body-too-large", "in": "body", "expected": "at most 9 bytes"})
    assert admit(config, "--yes") == 0
    assert "cannot be told: the record holds neither bodies" in capsys.readouterr().out
    assert "body_max_bytes: 2097152" in config.read_text()


def test_the_config_of_an_app_is_changed_without_its_document(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("state: .\n")
    refused(config)
    assert admit(config, "--reason", "old app", "--yes") == 0
    assert "the config names no document to compile" in capsys.readouterr().out
    assert config.read_text() == f"state: .\n{EXCEPTION}"


def test_a_machine_gets_everything_as_one_object(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config)
    assert admit(config, "--json", "--reason", "old app") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["passes"], told["written"], told["also_passing"]) == (True, False, 1)
    assert told["changes"][0]["value"]["reason"] == "old app"
    assert "+exceptions:" in told["diff"]


def test_without_a_config_there_is_nothing_to_write_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["admit", REF]) == 2
    assert "`bartizan init` writes one" in capsys.readouterr().err


def test_a_reference_or_undo_one_of_the_two(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["admit", "--config", str(config)]) == 2
    assert "name the request" in capsys.readouterr().err
    assert admit(config, "--undo") == 2


def test_a_config_that_is_broken_already_is_told_as_such(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(config)
    config.write_text(f"{TEXT}operations: {{ GET /gone: {{ security: none }} }}\n")
    assert admit(config, "--reason", "old app", "--yes") == 2
    err = capsys.readouterr().err
    assert "policy.unknown-operation" in err
    assert "with this change" not in err
