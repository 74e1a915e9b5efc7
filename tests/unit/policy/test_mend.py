from bartizan.model.diagnostics import Diagnostic
from bartizan.policy.mend import Edit, applied, edit_of

TEXT = "a: 1  # one\nbb: 'x'\nc:\n  d: 2\n  e: 3\n"


def told(hint: str, line: int, column: int, length: int, code: str = "x.y") -> Diagnostic:
    return Diagnostic(
        code=code, message="m", file="f", line=line, column=column, length=length, hint=hint
    )


def mended(one: Diagnostic) -> str:
    edit = edit_of(one, TEXT)
    assert edit is not None
    return applied(TEXT, [edit])


def test_a_name_is_replaced_and_the_comment_stays() -> None:
    assert mended(told("did you mean `alpha`?", 1, 1, 1)).startswith("alpha: 1  # one\n")


def test_a_word_keeps_its_quotes_and_a_value_of_another_type_loses_them() -> None:
    assert "bb: 'y'\n" in mended(told("did you mean `y`?", 2, 5, 3))
    assert "bb: 2\n" in mended(told("write `2`", 2, 5, 3, "config.wrong-value"))


def test_what_is_taken_out_goes_with_all_that_is_below_it() -> None:
    assert mended(told("take it out", 3, 1, 1)) == "a: 1  # one\nbb: 'x'\n"


def test_a_missing_key_is_put_inside_or_beside() -> None:
    assert "c:\n  f: 4\n  d: 2\n" in mended(told("add `f: 4`", 3, 1, 1))
    assert "bb: 'x'\nf: 4\nc:\n" in mended(told("add `f: 4` beside it", 3, 1, 1))


def test_indentation_is_made_as_deep_as_the_hint_says() -> None:
    assert "\n    d: 2\n" in mended(told("indent it by 4 spaces", 4, 3, 4))


def test_only_what_keeps_its_meaning_is_safe() -> None:
    hints = ("did you mean `x`?", "write `x`", "for example `x`", "take it out", "allowed: `x`")
    edits = [edit_of(told(hint, 1, 1, 1), TEXT) for hint in hints]
    assert [edit.is_safe for edit in edits if edit] == [True, True, False, False, False]


def test_a_hint_without_anything_to_write_gives_no_edit() -> None:
    assert edit_of(told("look elsewhere", 1, 1, 1), TEXT) is None
    assert edit_of(told("write `x`", 99, 1, 1), TEXT) is None


def test_of_two_edits_that_overlap_only_the_first_is_made() -> None:
    edits = [Edit(0, 4, "A", is_safe=True), Edit(2, 6, "B", is_safe=True)]
    assert applied("abcdef", edits) == "Aef"
