from pathlib import Path

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.config import Config, Overrides, load

FILE = "upstream: http://127.0.0.1:8000\nworkers: 2\nlimits: { rate: 5/s }\n"


def loaded(
    tmp_path: Path, text: str = FILE, *, workers: str | None = None, **environ: str
) -> Config:
    path = tmp_path / "bartizan.yaml"
    path.write_text(text, "utf-8")
    return load(path, overrides=Overrides(workers=workers), environ=environ)


def test_a_variable_stands_above_the_file_and_a_flag_above_both(tmp_path: Path) -> None:
    assert loaded(tmp_path).workers == 2
    assert loaded(tmp_path, BARTIZAN_WORKERS="3").workers == 3
    config = loaded(tmp_path, workers="4", BARTIZAN_WORKERS="3")
    assert config.workers == 4
    assert str(config.locate("/workers")) == "--workers"


def test_double_underscores_lead_inwards_and_into_lists(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        BARTIZAN_TIMEOUTS__HEAD="3s",
        BARTIZAN_AUTH__ISSUERS__0__ISSUER="https://idp.example.com",
    )
    assert config.timeouts.head == 3_000
    assert config.auth.issuers[0].issuer == "https://idp.example.com"


def test_a_variable_may_hold_a_whole_list(tmp_path: Path) -> None:
    config = loaded(tmp_path, BARTIZAN_HOSTS="[a.example, b.example]")
    assert list(config.hosts) == ["a.example", "b.example"]


def test_a_variable_that_names_no_key_inside_a_key_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        loaded(tmp_path, BARTIZAN_TIMEOUTS__HAED="3s")
    (fault,) = raised.value.diagnostics
    assert (fault.code, fault.hint) == ("config.unknown-key", "did you mean `head`?")


def test_a_slip_in_a_variable_is_warned_of_and_a_stranger_left_alone(tmp_path: Path) -> None:
    config = loaded(tmp_path, BARTIZAN_WORKER="3", BARTIZAN_VECTORS="/somewhere")
    (warning,) = config.warnings
    assert warning.hint == "did you mean `BARTIZAN_WORKERS`?"


def test_one_unset_variable_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        loaded(tmp_path, FILE + "listen: ${NOWHERE}\n")
    assert [one.line for one in raised.value.diagnostics] == [4]


def test_a_missing_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        load(tmp_path / "none.yaml", overrides=Overrides(), environ={})
    (fault,) = raised.value.diagnostics
    assert (fault.code, fault.hint) == ("config.unreadable", "`bartizan init` writes one")


def test_faults_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        loaded(tmp_path, "upstream: 5\nworkers: x\nmode: none\n")
    assert [one.line for one in raised.value.diagnostics] == [1, 2, 3]


def test_a_line_with_a_secret_is_not_shown(tmp_path: Path) -> None:
    text = FILE + "auth: { api_keys: { pepper: canary-5e, keys: [{ id: 5, digest: x }] } }\n"
    with pytest.raises(Fault) as raised:
        loaded(tmp_path, text)
    assert raised.value.diagnostics
    assert all("canary" not in one.snippet for one in raised.value.diagnostics)
