from __future__ import annotations

import json
from pathlib import Path

import pytest

from bartizan.model.event import CODE, Setting
from bartizan.policy.compile import Compiled
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.lines import Lines
from bartizan.policy.sources import fetch_file, read

USERS = {
    "openapi": "3.1.0",
    "info": {"title": "users", "version": "1"},
    "paths": {"/users": {"post": {"responses": {"201": {"description": "made"}}}}},
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\nmode: enforce\n")
    (tmp_path / "openapi.json").write_text(json.dumps(USERS, indent=2))
    return file


def compiled(config: Path, mode: str | None = None) -> Compiled:
    description = read(str(config.parent / "openapi.json"), fetch_file)
    return compile_policy(load(config, overrides=Overrides(mode=mode), environ={}), description)


def test_a_setting_has_the_text_of_its_line(config: Path) -> None:
    lines = Lines(compiled(config))
    assert lines.setting(0, "/mode") == Setting(str(config), 2, "mode: enforce")
    found = lines.setting(1, "/paths/~1users/post")
    assert found is not None
    assert found.text == '"post": {'


def test_in_a_document_of_one_line_the_place_is_named_by_its_pointer(config: Path) -> None:
    long = {**USERS, "info": {"title": "users" * 50, "version": "1"}}
    (config.parent / "openapi.json").write_text(json.dumps(long))
    found = Lines(compiled(config)).setting(1, "/paths/~1users/post")
    assert found == Setting(str(config.parent / "openapi.json"), 1, "#/paths/~1users/post")


def test_a_line_is_that_of_the_policy_and_not_of_a_later_file(config: Path) -> None:
    lines = Lines(compiled(config))
    config.write_text("# nothing is left\n")
    assert lines.setting(0, "/mode") == Setting(str(config), 2, "mode: enforce")


def test_a_flag_stands_for_itself_and_a_default_for_nothing(config: Path) -> None:
    lines = Lines(compiled(config, mode="shadow"))
    assert lines.setting(0, "/mode") == Setting("--mode", 0, "")
    assert Lines(compiled(config)).setting(None, "") is None


def test_a_place_in_code_is_shown_with_its_line(config: Path, tmp_path: Path) -> None:
    code = tmp_path / "orders.py"
    code.write_text("import shop\nrule = owns('order', 'id')\n")
    lines = Lines(compiled(config))
    assert lines.setting(CODE, f"{code}:2") == Setting(str(code), 2, "rule = owns('order', 'id')")
    for lost in (f"{code}:9", "gone.py:1", "gone.py"):
        found = lines.setting(CODE, lost)
        assert found is not None
        assert found.text == ""
