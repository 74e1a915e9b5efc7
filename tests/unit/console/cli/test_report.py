import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.console import lifecycle, probes
from bartizan.console.cli import main
from tests.unit.console.cli.records import line, record


def ref(number: int) -> str:
    return f"{number:016}"


def test_the_report_counts_per_operation_and_names_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = lifecycle.now_ms()
    lines = [line(ref(number), now) for number in range(3)]
    record(tmp_path, *lines, line(ref(9), now, operation="GET /x", method="GET", path="/x"))
    words = ["report", "--state", str(tmp_path)]
    assert main([*words, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["exchanges"], data["lost"]) == (100, 2)
    first = data["lines"][0]
    assert (first["operation"], first["would_be_refused"], first["refused"]) == (
        "POST /users",
        3,
        0,
    )
    assert first["setting"] == {"file": "openapi.json", "line": 12}
    assert main(words) == 1
    text = capsys.readouterr().out
    assert "POST /users  3 reasons" in text
    assert "asked for by openapi.json:12" in text
    assert "exceptions:\n" in text
    assert "4 in shadow, 0 enforced; 2 events lost" in text


def test_nothing_to_refuse_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(tmp_path, line(time_ms=1_000))
    assert main(["report", "--state", str(tmp_path), "--since", "1h"]) == 0
    assert "would have refused nothing" in capsys.readouterr().out


def test_the_operation_that_was_asked_for_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line(time_ms=1_000), operations=["GET /users", "POST /users"])
    words = ["report", "--state", str(tmp_path), "--operation", "GET /users"]
    assert main(words) == 0
    assert "would have refused nothing of `GET /users`" in capsys.readouterr().out


def test_an_operation_that_nobody_declared_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undeclared = line(ref(1), operation="", path="/nowhere", method="GET")
    record(tmp_path, undeclared, operations=["GET /users", "POST /users"])
    words = ["report", "--state", str(tmp_path), "--operation"]
    assert main([*words, "GET /usres"]) == 2
    err = capsys.readouterr().err
    assert "unknown operation `GET /usres`" in err
    assert "did you mean `GET /users`?" in err
    assert main([*words, "GET /nowhere"]) == 0, "a path that was refused may be asked for"


def test_the_requests_of_doctor_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = lifecycle.now_ms()
    record(tmp_path, line(ref(1), now), line(ref(2), now))
    assert probes.remember(tmp_path, ref(1))
    words = ["report", "--state", str(tmp_path)]
    assert main([*words, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["probes"], data["lines"][0]["would_be_refused"]) == (1, 1)
    assert data["exchanges"] == 99
    assert probes.remember(tmp_path, ref(2))
    assert main(words) == 0
    assert "2 of `bartizan doctor` left out: enforce would have refused nothing" in (
        capsys.readouterr().out
    )


def test_whom_to_ask_and_what_data_is_at_stake_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels: dict[str, Any] = {"owner": "team-a", "data": ["secret", "personal"]}
    record(tmp_path, line(time_ms=lifecycle.now_ms(), **labels))
    words = ["report", "--state", str(tmp_path)]
    assert main(words) == 1
    assert "1 reason; ask team-a; carries secret, personal data\n" in capsys.readouterr().out
    assert main([*words, "--json"]) == 1
    (first,) = json.loads(capsys.readouterr().out)["lines"]
    assert (first["owner"], first["data"]) == ("team-a", ["secret", "personal"])


def test_what_would_hurt_clients_is_told_from_what_the_api_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = lifecycle.now_ms()
    lines = [line(ref(status), now, upstream_status=status) for status in (201, 403, 404)]
    record(tmp_path, *lines)
    assert main(["report", "--state", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "3 in shadow (of those kept one by one, the API took 1 and refused 2 itself)\n" in out


def test_what_the_config_admits_by_now_is_marked_and_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, line(ref(1), lifecycle.now_ms()))
    config = tmp_path / "bartizan.yaml"
    entry = '{rule: inspect.body-schema, operation: POST /users, field: "body#/email"}'
    config.write_text(f"upstream: http://127.0.0.1:1\nexceptions: [{entry}]\n")
    words = ["report", "--state", str(tmp_path), "--config", str(config)]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "admitted by the config of now" in out
    assert "to let it pass" not in out


@pytest.mark.parametrize(("statuses", "is_left"), [((401, 403), True), ((401, 200), False)])
def test_what_the_api_always_refused_is_left_before_any_change(
    statuses: tuple[int, ...], is_left: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = lifecycle.now_ms()
    record(tmp_path, *(line(ref(status), now, upstream_status=status) for status in statuses))
    assert main(["report", "--state", str(tmp_path)]) == 1
    before, _, after = capsys.readouterr().out.partition("to let it pass")
    assert ("leave it: the API refused it itself" in before) is is_left
    assert "exceptions:" in after


def test_a_change_names_its_command_and_its_rule_where_others_stand_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = json.loads(line())["reasons"]
    more = {"code": "match.unknown-path", "stage": "match", "in": "target", "standing": "shadow"}
    now = lifecycle.now_ms()
    record(
        tmp_path, line(ref(1), now), line(ref(2), now, operation="GET /x", reasons=[*reasons, more])
    )
    assert main(["report", "--state", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert f"to make it: bartizan admit {ref(1)}\n" in out
    assert f"to make it: bartizan admit {ref(2)} --rule match.unknown-path\n" in out
