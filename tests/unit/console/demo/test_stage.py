from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bartizan.console.demo.issuer import ISSUER
from bartizan.console.demo.stage import DOCUMENT, child, config_text, shop_command, up_command
from bartizan.console.terminal import BROKEN, Stopped
from bartizan.policy import config as policy_config
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.sources import read


def test_config_and_document_compile_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text(config_text("http://127.0.0.1:1"), encoding="utf-8")
    (tmp_path / "keys.json").write_text(
        '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a"}]}', encoding="utf-8"
    )
    config = policy_config.load(file, overrides=policy_config.Overrides(), environ={})
    compiled = compile_policy(config, read(str(DOCUMENT), lambda name: Path(name).read_bytes()))
    assert [one.issuer for one in config.auth.all_issuers] == [ISSUER]
    assert (config.mode, len(config.limits)) == ("enforce", 1)
    assert compiled.unrepresentable == ()
    assert compiled.warnings == ()
    assert len(compiled.operations) == 14


def test_programs_of_the_stage_take_free_ports_and_show_no_secret() -> None:
    assert "--port 0" in " ".join(shop_command(Path("seed")))
    assert up_command(Path("x"))[-3:] == ["--config", "x/bartizan.yaml", "--json"]


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_child_tells_where_it_listens_and_is_stopped(tmp_path: Path) -> None:
    text = 'print(\'{"shop": "here"}\', flush=True); import sys; sys.stdin.read()'
    with child("the shop", program(text), tmp_path, {}) as told:
        assert told == {"shop": "here"}


def test_a_child_that_does_not_start_is_told_with_its_words(tmp_path: Path) -> None:
    text = "import sys; sys.exit('no port is free')"
    with (
        pytest.raises(Stopped, match="the shop did not start") as stopped,
        child("the shop", program(text), tmp_path, {}),
    ):
        pass
    assert "no port is free" in str(stopped.value)
    assert stopped.value.status == BROKEN


def test_a_child_is_stopped_when_the_tour_fails(tmp_path: Path) -> None:
    text = "print('{}', flush=True); import time; time.sleep(60)"
    with pytest.raises(ZeroDivisionError), child("the shop", program(text), tmp_path, {}):
        raise ZeroDivisionError
