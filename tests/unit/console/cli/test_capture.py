import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.console.cli import capture as verb
from bartizan.console.cli import main
from bartizan.gateway.capture import Order


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """A control process that gives two captures; what it was asked for."""
    asked: list[Order] = []

    def captured(_path: Path, order: Order) -> Iterator[bytes]:
        asked.append(order)
        yield from (b'{"a":1}', b'{"b":2}')

    monkeypatch.setattr(verb, "captured", captured)
    return asked


def test_captures_are_written_for_their_owner_alone(
    orders: list[Order], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.jsonl"
    words = ["capture", str(file), "--count", "7", "--bytes", "2MiB", "--mask", "nick", "--json"]
    assert main([*words, "--operation", "GET /a"]) == 0
    assert file.read_bytes() == b'{"a":1}\n{"b":2}\n'
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(capsys.readouterr().out)["captures"] == 2
    (order,) = orders
    assert (order.count, order.total_max_bytes, order.operations) == (7, 2 << 20, ("GET /a",))
    assert order.mask == ("nick",)


def test_an_existing_file_is_left_as_it_is(
    orders: list[Order], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text("mine")
    assert main(["capture", str(file)]) == 2
    assert file.read_text() == "mine"
    assert "exists" in capsys.readouterr().err
    assert orders == []


def test_without_a_gateway_it_is_one_message_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_path: Path, _order: Order) -> list[bytes]:
        raise FileNotFoundError

    monkeypatch.setattr(verb, "captured", nobody)
    file = tmp_path / "c.jsonl"
    assert main(["capture", str(file), "--state", str(tmp_path)]) == 3
    told = capsys.readouterr().err
    assert "nothing serves" in told
    assert "behind `protect(app)`" in told
    assert not file.exists()


@pytest.mark.parametrize("flag", [("--for", "soon"), ("--bytes", "much")])
def test_a_bound_that_cannot_be_read_is_one_message(flag: tuple[str, str], tmp_path: Path) -> None:
    assert main(["capture", str(tmp_path / "c.jsonl"), *flag]) == 2
