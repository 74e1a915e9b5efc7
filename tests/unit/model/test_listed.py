from bartizan.model.listed import listed, quoted


def test_names_beyond_the_cut_are_counted() -> None:
    names = ["a", "b", "c", "d", "e"]
    assert [listed(names[:count]) for count in range(6)] == [
        "", "a", "a, b", "a, b, c", "a, b, c and 1 more", "a, b, c and 2 more",
    ]  # fmt: skip
    assert listed(names, 1) == "a and 4 more"


def test_names_are_quoted() -> None:
    assert quoted(["a", "b", "c"], 2) == "`a`, `b` and 1 more"
    assert quoted([]) == ""
