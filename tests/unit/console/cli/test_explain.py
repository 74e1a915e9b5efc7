import json
from pathlib import Path

import pytest

from bartizan.console.cli import main
from bartizan.policy.answers import ANSWERS
from bartizan.policy.faults import FAULTS
from bartizan.policy.words import WORDS
from tests.unit.console.cli.records import REF, line, record


def test_a_reference_id_is_explained_in_eight_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line(time_ms=1_000), line("z" * 16, time_ms=2_000))
    words = ["explain", REF.upper(), "--state", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["ref"], data["present"], data["not_applicable"]) == (REF, 8, 0)
    assert data["fields"]["setting"] == {"file": "openapi.json", "line": 12, "text": '"post": {'}
    assert data["fields"]["caller"]["similar_in_24_h"] == 2
    assert main(words) == 0
    assert "8 of 8 fields" in capsys.readouterr().out


def test_an_id_may_be_copied_from_the_instance_of_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line())
    assert (
        main(["explain", f"urn:bartizan:exchange:{REF}", "--state", str(tmp_path), "--json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["ref"] == REF


@pytest.mark.parametrize(
    ("what", "message"),
    [("0" * 16, "no Event has the reference id"), ("not-an-id", "is not a reference id")],
)
def test_an_id_that_is_not_kept_is_one_message(
    what: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line())
    assert main(["explain", what, "--state", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


def test_of_an_allowed_request_it_is_said_why_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line())
    assert main(["explain", "0" * 16, "--state", str(tmp_path)]) == 2
    assert "of an allowed request nothing is kept" in capsys.readouterr().err


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_code_is_explained_offline(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["code"] == code
    assert data["why"] == WORDS[code].why


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_every_fault_is_explained_offline(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    printed = capsys.readouterr().out
    assert FAULTS[code].title in printed
    assert FAULTS[code].mend in printed


def test_a_code_is_explained_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "parse.bad-json"]) == 0
    assert "strict JSON" in capsys.readouterr().out


def test_a_misspelt_code_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "parse.bad-jsn"]) == 2
    assert "did you mean `parse.bad-json`?" in capsys.readouterr().err


def test_a_misspelt_fault_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "config.unknown-kye"]) == 2
    assert "did you mean `config.unknown-key`?" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["not-found", "contract"])
def test_the_code_of_an_answer_leads_to_its_reference(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", word]) == 0
    out = capsys.readouterr().out
    assert "bartizan explain REFERENCE" in out
    assert ANSWERS[word] in out


def test_a_code_that_is_near_no_other_gets_those_of_its_stage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", "inspect.foo"]) == 2
    err = capsys.readouterr().err
    assert "`inspect.body-schema`" in err
    assert "`parse.bad-json`" not in err
    assert main(["explain", "nothing.foo"]) == 2
    assert "`inspect.`" in capsys.readouterr().err
