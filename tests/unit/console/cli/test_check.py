import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.policy.captures import Answered, Capture
from tests.unit.console.built import USERS, built

LOST: Mapping[str, object] = {
    **USERS,
    "paths": {
        "/users": {
            "get": {
                "parameters": [{"name": "q", "in": "query", "schema": {"$ref": "#/nowhere"}}],
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nopenapi: openapi.json\n")
    return file


def words(config: Path, description: Mapping[str, object]) -> list[str]:
    built(config, description)
    return ["check", "--config", str(config)]


def test_a_clean_config_is_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(config, USERS)) == 0
    assert capsys.readouterr().out.startswith("2 operations; policy ")


def test_an_operation_that_cannot_be_checked_is_a_finding_with_its_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = words(config, LOST)
    assert main(check) == 1
    out, err = capsys.readouterr()
    assert "1 of them cannot be checked" in out
    assert "openapi.json:" in err
    assert main([*check, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["unrepresentable"]) == (False, ["GET /users"])
    assert any(item["line"] > 1 for item in data["diagnostics"])


def test_a_fault_is_json_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check = words(config, USERS)
    (config.parent / "openapi.json").write_text('{"swagger": "1.2"}')
    assert main([*check, "--json"]) == 2
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["diagnostics"][0]["code"]) == (False, "description.version")


def test_faults_can_be_written_as_sarif_and_for_github(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = words(config, LOST)
    assert main([*check, "--output-format", "sarif"]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["runs"][0]["results"][0]["ruleId"] == "description.unrepresentable"
    assert main([*check, "--output-format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::warning file=")


def test_recorded_traffic_can_contradict_the_document(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = words(config, USERS)
    recorded = config.parent / "c.jsonl"
    answer = Answered(status=418)
    one = Capture(method="GET", target="/users", fields=(("host", "x"),), response=answer)
    recorded.write_bytes(one.line())
    assert main([*check, "--against", str(recorded)]) == 1
    err = capsys.readouterr().err
    assert "description.contradicted" in err
    assert "declare the response `418`" in err


LABELLED: Mapping[str, object] = {
    **USERS,
    "paths": {
        "/users": {
            "x-bartizan-owner": "team-a",
            "get": {
                "x-bartizan-exposure": "public",
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"x-bartizan-data-class": "secret"}}
                ],
                "responses": {"200": {"description": "ok"}},
            },
            "put": {"responses": {"200": {"description": "ok"}}},
        }
    },
}


def test_whom_to_ask_and_which_operation_carries_which_class_is_listed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = words(config, LABELLED)
    assert main(check) == 0
    assert "secret data: `GET /users`\n" in capsys.readouterr().out
    assert main([*check, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["labels"]
    assert (first["operation"], first["owner"], first["exposure"]) == (
        "GET /users",
        "team-a",
        "public",
    )
    (field,) = first["data"]
    assert (field["field"], field["class"]) == ("query:q", "secret")
    assert field["line"] > 1
    assert second == {"operation": "PUT /users", "owner": "team-a", "exposure": "", "data": []}


def test_operations_whose_bodies_take_more_than_is_declared_are_named(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    body = {"content": {"application/json": {"schema": schema}}}
    made = {"responses": {"201": {"description": "made"}}, "requestBody": body}
    check = words(config, {**USERS, "paths": {"/users": {"post": made}}})
    assert main(check) == 0
    assert "open bodies: `POST /users`; `closed_body: true` refuses" in capsys.readouterr().out
    assert main([*check, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["open_bodies"] == ["POST /users"]
    config.write_text(config.read_text() + "closed_body: true\n")
    assert main(check) == 0
    assert "open bodies" not in capsys.readouterr().out
