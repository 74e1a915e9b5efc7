import json
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.console.cli.diff import is_document
from bartizan.policy.captures import Capture
from tests.unit.console.built import USERS, built


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, mode in (("old", "enforce"), ("new", "enforce")):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "bartizan.yaml"
        file.write_text(f"upstream: http://127.0.0.1:8000\nopenapi: openapi.json\nmode: {mode}\n")
        built(file)
    return tmp_path


def words(folder: Path, name: str = "bartizan.yaml") -> list[str]:
    return ["diff", str(folder / "old" / name), str(folder / "new" / name)]


def narrowed(folder: Path) -> None:
    paths = {"/users": {"get": {"responses": {"200": {"description": "ok"}}}}}
    (folder / "new" / "openapi.json").write_text(json.dumps({**USERS, "paths": paths}))


def test_two_equal_configs_differ_in_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(folder)) == 0
    assert "no difference" in capsys.readouterr().out


def test_two_documents_are_compared_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrowed(folder)
    assert main(words(folder, "openapi.json")) == 1
    out = capsys.readouterr().out
    assert "POST /users\n  tighter is no longer declared, so it is refused" in out
    assert "1 difference: 1 tighter" in out


def test_a_config_is_not_compared_with_a_document(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder / "old" / "bartizan.yaml", folder / "new" / "openapi.json"
    assert main(["diff", str(old), str(new)]) == 2
    assert "one of them is a config" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("openapi: 3.1.0\n", True),
        ("openapi: 3.2\ninfo: {}\n", True),
        ('swagger: "2.0"\n', True),
        ("openapi: banana\npaths: {}\n", True),
        ("openapi: auto\nmode: shadow\n", False),
        ("openapi: openapi.yaml\n", False),
        ("openapi: https://api.example/v3.1.json\n", False),
        ("mode: enforce\n", False),
        ("- 1\n", False),
    ],
)
def test_a_document_is_told_from_a_config(text: str, is_one: bool, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(text)
    assert is_document(tmp_path / "one.yaml") is is_one


def test_configs_of_an_app_that_carries_the_guard_name_no_upstream(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rate in (("old", "100/min"), ("new", "50/min")):
        text = f"openapi: openapi.json\nlimits: {{ per: address, rate: {rate} }}\n"
        (folder / name / "bartizan.yaml").write_text(text)
    assert main(words(folder)) == 1
    out = capsys.readouterr().out
    assert "tighter limit per address from 100/min to 50/min" in out
    assert "1 difference: 1 tighter" in out


def test_requests_that_would_be_decided_otherwise_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrowed(folder)
    recorded = folder / "c.jsonl"
    lines = [
        Capture(method=method, target="/users", fields=(("host", "x"),)).line()
        for method in ("GET", "POST")
    ]
    recorded.write_bytes(b"\n".join(lines))
    assert main([*words(folder), "--against", str(recorded)]) == 1
    out = capsys.readouterr().out
    assert f"{recorded}:2: POST /users: allow -> deny (match.unknown-method)" in out
    assert "1 request would be decided otherwise" in out
    assert main([*words(folder), "--against", str(recorded), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["requests"][0]["new"]["verdict"] == "deny"
    assert data["differences"][0]["effect"] == "tighter"


def test_a_capture_that_cannot_be_read_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = folder / "c.jsonl"
    recorded.write_text("\nno\n")
    assert main([*words(folder), "--against", str(recorded)]) == 2
    assert f"{recorded}:2:" in capsys.readouterr().err


def test_what_is_no_file_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "nowhere", "nowhere"]) == 2
    assert "`nowhere` is no file" in capsys.readouterr().err
