from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.console import wire
from bartizan.console.cli.fix import sorted_out
from bartizan.console.terminal import Terminal
from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.config import Overrides

UPSTREAM = "upstream: http://127.0.0.1:1\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(text: str, *, folder: str = "", openapi: str | None = None) -> Diagnostic:
    """What is said of the document that the config in `folder` names."""
    file = Path(folder, "bartizan.yaml")
    file.parent.mkdir(exist_ok=True)
    file.write_text(UPSTREAM + text)
    chosen = wire.Chosen(config=file, overrides=Overrides(openapi=openapi), environ={})
    with pytest.raises(Fault) as caught:
        wire.build(chosen, Terminal(environ={}))
    return caught.value.diagnostics[0]


def test_a_misspelt_file_is_told_at_its_line_with_the_one_that_was_meant(tmp_path: Path) -> None:
    Path("api").mkdir()
    Path("api/openapi.yaml").touch()
    found = told("openapi: api/opnapi.yaml\n")
    assert (found.code, found.line, found.column) == ("description.unreadable", 2, 10)
    assert str(tmp_path / "api/opnapi.yaml") in found.message
    assert found.hint == "did you mean `api/openapi.yaml`?"
    edits, _ = sorted_out([found])
    assert [one.text for one in edits["bartizan.yaml"]] == ["api/openapi.yaml"]


def test_a_file_of_the_same_name_with_another_ending_is_meant() -> None:
    Path("openapi.json").touch()
    assert told("openapi: openapi.yaml\n").hint == "did you mean `openapi.json`?"


def test_a_file_in_the_working_directory_is_named_as_the_config_would_have_to() -> None:
    Path("openapi.yaml").touch()
    assert told("openapi: openapi.yaml\n", folder="conf").hint == (
        "did you mean `../openapi.yaml`?"
    )


def test_without_one_that_is_alike_the_files_beside_it_are_named() -> None:
    Path("pets.json").touch()
    Path("shop.yaml").touch()
    assert told("openapi: v1.yaml\n").hint == "beside it lie `pets.json`, `shop.yaml`"
    Path("pets.json").unlink()
    Path("shop.yaml").unlink()
    assert "no JSON or YAML file lies in `.`" in told("openapi: v1.yaml\n").hint
    assert told("openapi: no/v1.yaml\n").hint == "there is no folder `no`"


def test_an_overlay_is_told_at_its_own_line() -> None:
    Path("a.yaml").write_text("openapi: 3.1.0\ninfo: { title: x, version: '1' }\npaths: {}\n")
    Path("over.yaml").touch()
    found = told("openapi: a.yaml\noverlays:\n  - ovr.yaml\n")
    assert (found.line, found.hint) == (4, "did you mean `over.yaml`?")


def test_a_flag_has_no_line_and_the_same_hint() -> None:
    Path("openapi.yaml").touch()
    found = told("", openapi="opnapi.yaml")
    assert (found.line, found.hint) == (0, "did you mean `openapi.yaml`?")


def test_what_is_no_missing_file_is_left_as_it_is(tmp_path: Path) -> None:
    from bartizan.console.missing import told_better

    file = tmp_path / "bartizan.yaml"
    file.write_text(UPSTREAM)
    config = wire.load_config(wire.Chosen(config=file, overrides=Overrides(), environ={}))
    one = Diagnostic(code="document.empty", message="the document is empty", file="x.yaml")
    assert told_better(Fault([one]), config).diagnostics == (one,)
    away = replace(one, code="description.unreadable", file="http://127.0.0.1:1/x")
    assert told_better(Fault([away]), config).diagnostics == (away,)
