import pytest

from bartizan.policy.kinds import Flag, Whole
from bartizan.policy.reading import INVALID, Reading
from bartizan.policy.records import Record, Settings, json_schema, key, keys_of, settings
from tests.unit.policy.configured import reading


@settings
class Inner(Settings):
    """A pair that must grow."""

    least: int = key(Whole(), "The least.", example=1)
    most: int = key(Whole(), "The most.", example=9, default=9)

    def check(self, reading: Reading) -> None:
        if self.most < self.least:
            reading.report(self.pointer, "config.conflict", "`most` is below `least`")


@settings
class Outer(Settings):
    """Holds a pair."""

    inner: Inner = key(Record(Inner), "The pair.", example={"least": 1}, default=Inner(least=1))
    quick: bool = key(Flag(), "Quick.", example=True, default=False)


def read(value: object) -> tuple[object, list[str]]:
    one = reading()
    made = Record(Outer).read(value, "", one)
    return made, [f"{fault.code}: {fault.message}" for fault in one.diagnostics]


def test_written_keys_are_told_from_defaults() -> None:
    made, faults = read({"inner": {"least": 3}})
    assert isinstance(made, Outer)
    assert (made.inner.least, made.inner.most, made.quick) == (3, 9, False)
    assert (made.inner.pointer, made.inner.given) == ("/inner", frozenset(("least",)))
    assert faults == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "config.wrong-value"),
        ({"quik": True}, "config.unknown-key"),
        ({"inner": {}}, "config.missing-key"),
        ({"inner": {"least": 3, "most": 1}}, "config.conflict"),
        ({"quick": "no"}, "config.wrong-value"),
    ],
)
def test_each_mistake_is_one_fault(value: object, code: str) -> None:
    made, faults = read(value)
    assert made is INVALID
    assert [one.partition(":")[0] for one in faults] == [code]


def test_a_missing_key_comes_with_the_line_to_write() -> None:
    one = reading()
    Record(Inner).read({}, "", one)
    assert one.diagnostics[0].hint == "add `least: 1`"


def test_the_check_of_a_record_waits_until_each_key_is_sound() -> None:
    _, faults = read({"inner": {"least": "x", "most": 1}})
    assert [one.partition(":")[0] for one in faults] == ["config.wrong-value"]


def test_keys_stand_in_the_order_of_their_declaration() -> None:
    assert list(keys_of(Outer)) == ["inner", "quick"]


def test_the_schema_names_required_keys_and_allows_no_others() -> None:
    whole = json_schema(Record(Outer), "outer")
    defs = whole["$defs"]
    assert isinstance(defs, dict)
    assert defs["Inner"]["required"] == ["least"]
    assert defs["Inner"]["additionalProperties"] is False
    assert "required" not in defs["Outer"]
