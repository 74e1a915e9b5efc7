from bartizan.policy.sources.library import Library
from bartizan.policy.sources.notes import WARNINGS_MAX, Notes


def notes(lines: int = 3) -> Notes:
    text = "".join(f"k{number}: 1\n" for number in range(lines))
    return Notes(Library("openapi.yaml", lambda _: text.encode()))


def test_one_cause_at_several_places_is_told_once_with_its_first_line() -> None:
    one = notes()
    for number in (2, 1, 1):
        one.warn((1, f"/k{number}"), "description.x", "seen", "a hint")
    (told,) = one.diagnostics()
    assert (told.line, told.hint, told.severity) == (2, "a hint", "warning")
    assert told.message == "seen (and at 1 more places)"


def test_warnings_come_in_the_order_of_their_places() -> None:
    one = notes()
    one.warn((1, "/k2"), "description.b", "later")
    one.warn((1, "/k0"), "description.a", "first")
    assert [told.message for told in one.diagnostics()] == ["first", "later"]


def test_beyond_a_bound_warnings_are_counted() -> None:
    one = notes(WARNINGS_MAX + 5)
    for number in range(WARNINGS_MAX + 5):
        one.warn((1, f"/k{number}"), "description.x", f"seen {number}")
    told = one.diagnostics()
    assert len(told) == WARNINGS_MAX + 1
    assert told[-1].message == "5 more warnings are not listed"
