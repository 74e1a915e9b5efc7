from pathlib import Path

from bartizan.console.formats import as_data, github, sarif
from bartizan.model.diagnostics import Diagnostic

ITEM = Diagnostic(
    code="config.unknown-key",
    message="unknown key `lmits`",
    file="/site/bartizan.yaml",
    line=3,
    column=1,
    length=5,
    snippet="lmits: {}",
    hint="did you mean `limits`?",
    pointer="/lmits",
)
PLACELESS = Diagnostic(code="x.y", message="50% of it\nis gone", severity="warning")
ROOT = Path("/site")


def test_sarif_names_tool_rule_place_and_fingerprint() -> None:
    log = sarif([ITEM, PLACELESS], ROOT)
    assert log["version"] == "2.1.0"
    run = log["runs"][0]  # type: ignore[index]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["config.unknown-key", "x.y"]
    assert rules[0]["help"]["text"]
    first, second = run["results"]
    assert (first["ruleIndex"], first["level"]) == (0, "error")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bartizan.yaml"
    assert place["region"]["startLine"] == 3
    assert (place["region"]["startColumn"], place["region"]["endColumn"]) == (1, 6)
    assert "locations" not in second
    assert second["level"] == "warning"


def test_a_fingerprint_outlives_a_move_of_its_line() -> None:
    moved = Diagnostic(code=ITEM.code, message="m", file=ITEM.file, line=99, pointer="/lmits")
    prints = [
        one["partialFingerprints"]
        for one in sarif([ITEM, moved, PLACELESS], ROOT)["runs"][0]["results"]  # type: ignore[index]
    ]
    assert prints[0] == prints[1] != prints[2]


def test_a_github_command_is_one_line_however_the_text_runs() -> None:
    first, second = github([ITEM, PLACELESS], ROOT).splitlines()
    assert first.startswith("::error file=bartizan.yaml,line=3,col=1,endColumn=6,title=config")
    assert first.endswith("::unknown key `lmits`%0Ahint: did you mean `limits`?")
    assert second == "::warning title=x.y::50%25 of it%0Ais gone"


def test_data_holds_every_field() -> None:
    assert as_data([ITEM])[0]["pointer"] == "/lmits"


def test_a_url_is_a_uri_reference_in_sarif() -> None:
    item = Diagnostic(code="x.y", message="m", file="http://a/b é%20c?q=1")
    result = sarif([item], ROOT)["runs"][0]["results"][0]  # type: ignore[index]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "http://a/b%20%C3%A9%20c?q=1"
