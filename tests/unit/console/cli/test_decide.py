import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bartizan.console.cli import main

API: Mapping[str, object] = {
    "openapi": "3.1.0",
    "info": {"title": "a", "version": "1"},
    "security": [{"token": ["read"]}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {"/a": {"get": {"parameters": [{"name": "n", "in": "query", "schema": {
        "type": "integer"}}]}, "post": {"security": [], "requestBody": {"content": {
            "application/json": {"schema": {"type": "object", "required": ["x"]}}}}}}},
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(API))
    file = tmp_path / "bartizan.yaml"
    file.write_text(
        "upstream: http://127.0.0.1:8000\nopenapi: openapi.json\nmode: enforce\n"
        "auth: { oidc: https://idp.example.com, audience: a }\n"
    )
    return file


def decide(config: Path, *words: str) -> int:
    return main(["decide", *words, "--config", str(config)])


def test_a_refused_request_is_explained_in_eight_fields(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide(config, "GET", "/a?n=x", "--as", '{"subject": "ann", "scopes": ["read"]}') == 1
    out = capsys.readouterr().out
    assert "inspect.parameter-schema" in out
    assert "8 of 8 fields" in out


def test_an_allowed_request_is_clean(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    who = '{"subject": "ann", "scopes": ["read"]}'
    assert decide(config, "get", "http://shop.example/a?n=1", "--as", who, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "allow"
    assert "status" not in data["fields"]["decision"]


def test_a_subject_alone_holds_no_scope(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decide(config, "GET", "/a", "--as", "ann") == 1
    assert "authorize.scope" in capsys.readouterr().out


def test_a_body_comes_from_the_line_or_a_file(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide(config, "POST", "/a", "-d", '{"x": 1}') == 0
    file = tmp_path / "body.json"
    file.write_text("{}")
    assert decide(config, "POST", "/a", "-d", f"@{file}") == 1
    assert decide(config, "POST", "/a", "-d", "x=1", "-H", "content-type: text/csv") == 1
    assert "inspect.content-type" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("GET", "a"), "is no URL and no path"),
        (("GET", "/a", "-H", "x"), "is no header field"),
        (("GET", "/a", "--as", "{"), "is no JSON"),
        (("GET", "/a", "--as", "{}"), "names no `subject`"),
        (("GET", "/a", "--as", '{"subject": "a", "scope": []}'), "did you mean `scopes`?"),
        (("GET", "/a", "-d", "@nowhere"), "cannot be read"),
    ],
)
def test_what_cannot_be_judged_is_one_message(
    words: tuple[str, ...], message: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decide(config, *words) == 2
    assert message in capsys.readouterr().err


def test_an_allowed_request_is_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decide(config, "POST", "/a", "-d", '{"x": 1}') == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("allow: POST /a")


def test_the_exception_of_a_missing_member_leaves_the_others_checked(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = {"x": {"type": "integer"}, "y": {"type": "integer"}}
    schema = {"type": "object", "required": ["y"], "properties": members}
    content = {"application/json": {"schema": schema}}
    post = {"security": [], "requestBody": {"content": content}}
    api = {**API, "paths": {"/a": {"post": post}}}
    (config.parent / "openapi.json").write_text(json.dumps(api))
    assert decide(config, "POST", "/a", "-d", '{"x": 1}', "--json") == 1
    change = json.loads(capsys.readouterr().out)["fields"]["choices"]["change"]
    config.write_text(config.read_text() + change["yaml"])
    assert decide(config, "POST", "/a", "-d", '{"x": 1}') == 0
    assert decide(config, "POST", "/a", "-d", '{"x": "no"}') == 1
