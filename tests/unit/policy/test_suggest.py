from bartizan.policy.suggest import distance, hint, nearest


def test_two_edits_are_near_and_three_are_not() -> None:
    allowed = ("limits", "listen", "mode")
    assert nearest("limtis", allowed) == "limits"
    assert nearest("LIMITS", allowed) == "limits"
    assert nearest("mdoe", allowed) == "mode"
    assert nearest("openapi", allowed) is None


def test_swapped_neighbours_are_one_edit() -> None:
    assert distance("ab", "ba") == 1
    assert distance("", "abc") == 3
    assert distance("kitten", "sitting") == 3


def test_without_a_near_word_the_allowed_ones_are_listed() -> None:
    assert hint("zzz", ["b", "a"]) == "allowed: `a`, `b`"
    assert hint("rate_limits", ["limits", "mode"]) == "did you mean `limits`?"
    assert hint("x", []) == ""
