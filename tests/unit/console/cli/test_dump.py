import json
from pathlib import Path

import pytest

from bartizan.console.cli import main


def test_every_setting_comes_with_its_origin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("upstream: http://127.0.0.1:8000\nmode: enforce\n")
    words = ["dump", "--config", str(config), "--listen", "127.0.0.1:1"]
    assert main([*words, "--json"]) == 0
    rows = {row["path"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["mode"]["origin"] == f"{config}:2"
    assert rows["listen"] == {"path": "listen", "value": '"127.0.0.1:1"', "origin": "--listen"}
    assert rows["workers"]["origin"] == "default"
    assert main(words) == 0
    assert f"{config}:2" in capsys.readouterr().out


DOCUMENT = """openapi: 3.1.0
info: { title: t, version: "1" }
x-bartizan-owner: platform
paths:
  /a:
    get:
      x-bartizan-exposure: public
      parameters:
        - { name: q, in: query, schema: { type: string, x-bartizan-data-class: personal } }
  /b: { get: { x-bartizan-auth: none } }
"""
OVERLAY = """overlay: 1.1.0
info: { title: t, version: "1" }
actions:
  - target: $.paths['/a'].get
    update:
      x-bartizan-owner: team-a
      x-bartizan-limits: { per: address, rate: 5/min }
"""


def test_effective_names_every_mark_in_force_with_its_line_in_document_or_overlay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    (tmp_path / "over.yaml").write_text(OVERLAY)
    config = tmp_path / "bartizan.yaml"
    config.write_text(
        "upstream: http://127.0.0.1:8000\nopenapi: api.yaml\noverlays: over.yaml\n"
        "operations: { GET /b: { security: declared } }\n"
    )
    assert main(["dump", "--effective", "--config", str(config), "--json"]) == 0
    rows = [row for row in json.loads(capsys.readouterr().out) if "x-bartizan" in row["path"]]
    found = [(row["path"], row["value"], Path(row["origin"]).name) for row in rows]
    assert found == [
        (
            'operations["GET /a"].x-bartizan-limits',
            '{"per": "address", "rate": "5/min"}',
            "over.yaml:7",
        ),
        ('operations["GET /a"].x-bartizan-owner', '"team-a"', "over.yaml:6"),
        ('operations["GET /a"].x-bartizan-exposure', '"public"', "api.yaml:7"),
        (
            'operations["GET /a"].x-bartizan-data-class["query:q"]',
            '"personal"',
            "api.yaml:9",
        ),
        # What the document says of `security` is not in force here: the config comes first.
        ('operations["GET /b"].x-bartizan-owner', '"platform"', "api.yaml:3"),
    ]


def test_without_a_document_the_config_is_shown_and_the_rest_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("upstream: http://127.0.0.1:8000\nopenapi: gone.yaml\n")
    assert main(["dump", "--effective", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert "gone.yaml" in out
    assert "what the API document says is left out" in err


def test_a_secret_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pepper.txt").write_text("canary-pepper")
    config = tmp_path / "bartizan.yaml"
    keys = "auth: { api_keys: { pepper: '${file:pepper.txt}' } }\n"
    config.write_text("upstream: http://127.0.0.1:8000\n" + keys)
    assert main(["dump", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert "canary" not in out + err
