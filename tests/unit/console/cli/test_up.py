import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.console.cli.up import four_lines, is_loopback, modes, off
from bartizan.gateway.link import Listening
from tests.unit.console.built import USERS, built
from tests.unit.console.cli.test_check import LOST

LISTENING = Listening("127.0.0.1:8080", "127.0.0.1:9090")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bartizan.yaml"
    file.write_text("upstream: http://127.0.0.1:8000\n")
    return file


def test_up_says_address_what_is_on_what_is_not_and_what_is_next(config: Path) -> None:
    lines = four_lines(built(config), LISTENING)
    assert len(lines) == 4
    assert "http://127.0.0.1:8080" in lines[0]
    assert re.match(r"on:   2 operations of \S+/openapi.json; shadow: parse, match", lines[1])
    assert lines[2].startswith("not:  ")
    assert lines[3].startswith("next: bartizan report")


def test_in_enforce_the_next_command_watches(config: Path) -> None:
    lines = four_lines(built(config, mode="enforce"), LISTENING)
    assert "enforce: parse" in lines[1]
    assert lines[3] == "next: bartizan tail"


def test_single_controls_have_their_own_mode(config: Path) -> None:
    config.write_text("upstream: http://a\nmode: enforce\ncontrols: { inspect: shadow }\n")
    found = modes(built(config).config)
    assert (found["inspect"], found["parse"]) == ("shadow", "enforce")


def test_what_is_off_is_told(config: Path) -> None:
    text = "; ".join(off(built(config, LOST)))
    assert "1 operation that cannot be checked" in text
    assert "no issuer is configured" in text
    assert "no limits" in text
    assert "127.0.0.1" in text


def test_what_is_on_is_not_told_as_off(config: Path) -> None:
    config.write_text(
        "upstream: http://api.internal\nauth: { oidc: https://idp, audience: a }\n"
        "limits: { rate: 1/s }\n"
    )
    text = "; ".join(off(built(config)))
    for word in ("issuer", "limits", "127.0.0.1", "cannot be checked"):
        assert word not in text


def test_issued_api_keys_are_verified_so_no_issuer_is_missed(config: Path) -> None:
    config.write_text("upstream: http://api.internal\nauth: { api_keys: { issued: true } }\n")
    assert "issuer" not in "; ".join(off(built(config)))


def test_keys_that_no_operation_takes_are_told(config: Path) -> None:
    issued = "upstream: http://api.internal\nauth: { api_keys: { issued: true }%s }\n"
    config.write_text(issued % "")
    assert "no operation takes an API key" in "; ".join(off(built(config)))
    config.write_text(issued % ", require: always")
    assert "no operation takes an API key" not in "; ".join(off(built(config)))


def test_limits_of_single_operations_are_limits(config: Path) -> None:
    config.write_text(
        "upstream: http://api.internal\n"
        "operations: { '*': { limits: { per: address, rate: 5/min } } }\n"
    )
    assert "no limits" not in "; ".join(off(built(config)))


def test_schemes_that_cannot_be_verified_are_named(config: Path) -> None:
    basic: Mapping[str, object] = {
        **USERS,
        "components": {"securitySchemes": {"legacy": {"type": "http", "scheme": "basic"}}},
        "security": [{"legacy": []}],
    }
    assert "only the presence is checked of legacy" in off(built(config, basic))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8"])
def test_loopback_addresses_are_known(url: str) -> None:
    assert is_loopback(url)
    assert not is_loopback("http://10.0.0.1")


def test_up_without_an_api_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BARTIZAN_UPSTREAM", raising=False)
    assert main(["up"]) == 2
    err = capsys.readouterr().err
    assert err == "error: no API is named\nhint: `bartizan up http://127.0.0.1:8000`\n"


def test_an_address_without_a_scheme_names_the_argument_and_the_url_that_was_meant(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "localhost:8310", "--config", str(config)]) == 2
    err = capsys.readouterr().err
    assert "(from the argument URL)" in err
    assert "--upstream" not in err
    assert "write `http://localhost:8310`" in err


def test_public_paths_are_counted_apart_from_operations(config: Path) -> None:
    config.write_text("upstream: http://a\npublic: [/docs, /openapi.json]\n")
    line = four_lines(built(config), LISTENING)[1]
    assert line.startswith("on:   2 operations, 2 public paths of ")


@pytest.mark.parametrize("flag", [["--listen", "nowhere"], ["--workers", "x"]])
def test_a_wrong_flag_value_is_a_fault_that_names_the_flag(
    flag: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "--config", str(config), *flag]) == 2
    err = capsys.readouterr().err
    assert "error[config.wrong-value]" in err
    assert "from --" in err
