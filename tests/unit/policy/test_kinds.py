import pytest

from bartizan.model.secret import Secret
from bartizan.policy.interpolate import Interpolated
from bartizan.policy.kinds import (
    Choice,
    Duration,
    Flag,
    Kind,
    ListOf,
    MapOf,
    Rate,
    RateText,
    SecretText,
    Text,
    Whole,
    shown_ms,
)
from bartizan.policy.reading import INVALID
from tests.unit.policy.configured import reading

SOUND = [
    (Text(), "a", "a"),
    (Flag(), True, True),
    (Flag(), Interpolated("false", "${X}"), False),
    (Whole(1, 9), 9, 9),
    (Whole(), Interpolated("12", "${X}"), 12),
    (Choice(("shadow", "enforce")), "enforce", "enforce"),
    (Duration(), "5s", 5_000),
    (Duration(), "250 ms", 250),
    (Duration(), "2h", 7_200_000),
    (RateText(), "100/min", Rate(100, 60_000)),
    (RateText(), "5/15min", Rate(5, 900_000)),
    (ListOf(Whole()), [1, 2], (1, 2)),
    (ListOf(Whole(), single=True), 3, (3,)),
    (MapOf(Whole(), lower=True), {"X-A": 1}, {"x-a": 1}),
]
WRONG = [
    (Text("a short name", "[a-z]+"), "A b"),
    (Text(), 5),
    (Flag(), "yes"),
    (Flag(), 1),
    (Whole(1, 9), 10),
    (Whole(), True),
    (Whole(), 1.0),
    (Choice(("shadow", "enforce")), "enforc"),
    (Duration(), 5),
    (Duration(), "5"),
    (Duration(most_ms=1_000), "2s"),
    (RateText(), "0/min"),
    (RateText(), "5/fortnight"),
    (ListOf(Whole()), 3),
    (ListOf(Whole(), single=True), None),
    (ListOf(Whole(), least=1), []),
    (ListOf(Whole()), [1, "b"]),
    (MapOf(Whole()), [1]),
    (MapOf(Whole(), words=("a",)), {"b": 1}),
    (MapOf(Whole(), pattern="[a-z]+"), {"B": 1}),
]


@pytest.mark.parametrize(("kind", "written", "read"), SOUND)
def test_a_sound_value_is_read_without_a_word(kind: Kind, written: object, read: object) -> None:
    one = reading()
    assert kind.read(written, "/a", one) == read
    assert (one.diagnostics, one.warnings) == ([], [])


@pytest.mark.parametrize(("kind", "written"), WRONG)
def test_a_wrong_value_is_reported_once_and_gives_invalid(kind: Kind, written: object) -> None:
    one = reading()
    assert kind.read(written, "/a", one) is INVALID
    assert len(one.diagnostics) == 1


def test_a_near_miss_is_told() -> None:
    one = reading()
    Choice(("shadow", "enforce")).read("enforc", "/mode", one)
    assert one.diagnostics[0].hint == "did you mean `enforce`?"


def test_a_secret_in_plain_is_taken_with_a_warning_and_a_filled_one_without() -> None:
    plain, filled = reading(), reading()
    assert isinstance(SecretText().read("canary-5e", "/pepper", plain), Secret)
    SecretText().read(Interpolated("canary-5e", "${P}"), "/pepper", filled)
    assert [one.code for one in plain.warnings] == ["config.plain-secret"]
    assert filled.warnings == []
    assert filled.secrets == ["canary-5e"]


def test_a_wrong_secret_is_not_shown() -> None:
    one = reading()
    assert SecretText().read(5_551_234, "/pepper", one) is INVALID
    assert "5551234" not in one.diagnostics[0].message


def test_every_fault_of_a_list_is_told_at_its_own_place() -> None:
    one = reading({"/a/0": "first", "/a/2": "third"})
    ListOf(Whole()).read(["x", 1, "y"], "/a", one)
    assert [fault.message[-12:] for fault in one.diagnostics] == ["(from first)", "(from third)"]


@pytest.mark.parametrize(
    ("span", "shown"),
    [(500, "500ms"), (5_000, "5s"), (60_000, "1min"), (86_400_000, "1d"), (0, "0ms")],
)
def test_a_span_is_shown_as_people_write_it(span: int, shown: str) -> None:
    assert shown_ms(span) == shown


@pytest.mark.parametrize("written", ["100/min", "10/s", "5/15min", "1/d"])
def test_a_rate_is_printed_as_it_was_written(written: str) -> None:
    assert str(RateText().read(written, "/rate", reading())) == written


@pytest.mark.parametrize("kind", [kind for kind, _, _ in SOUND] + [SecretText()])
def test_every_kind_describes_itself_for_editors(kind: Kind) -> None:
    assert {"type", "anyOf", "enum"} & set(kind.schema({}))
