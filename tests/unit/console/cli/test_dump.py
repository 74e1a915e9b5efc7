import json
from pathlib import Path

import pytest

from bartizan.console.cli import main


def test_every_setting_comes_with_its_origin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("upstream: http://127.0.0.1:8000\nmode: enforce\n")
    words = ["dump", "--effective", "--config", str(config), "--listen", "127.0.0.1:1"]
    assert main([*words, "--json"]) == 0
    rows = {row["path"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["mode"]["origin"] == f"{config}:2"
    assert rows["listen"] == {"path": "listen", "value": '"127.0.0.1:1"', "origin": "--listen"}
    assert rows["workers"]["origin"] == "default"
    assert main(words) == 0
    assert f"{config}:2" in capsys.readouterr().out


def test_a_secret_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pepper.txt").write_text("canary-pepper")
    config = tmp_path / "bartizan.yaml"
    keys = "auth: { api_keys: { pepper: '${file:pepper.txt}' } }\n"
    config.write_text("upstream: http://127.0.0.1:8000\n" + keys)
    assert main(["dump", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert "canary" not in out + err
