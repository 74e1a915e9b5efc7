import json

import pytest

from bartizan.console.cli import VERBS, main


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_every_verb_and_its_flags_are_in_the_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert [verb for verb in VERBS if verb not in script] == []
    flag = "output-format"
    assert (f"-l {flag}" if shell == "fish" else f"--{flag}") in script
    assert "sarif" in script


def test_the_words_come_as_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (one,) = [option for option in data["up"] if "--mode" in option["flags"]]
    assert one["choices"] == ["shadow", "enforce"]


def test_an_unknown_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "csh" in capsys.readouterr().err
