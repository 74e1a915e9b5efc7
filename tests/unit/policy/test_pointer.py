from bartizan.policy.pointer import MISSING, escape, follow, tokens


def test_a_pointer_is_split_and_written_with_its_escapes() -> None:
    assert tokens("/paths/~1a~0b/0") == ["paths", "/a~b", "0"]
    assert tokens("") == []
    assert tokens("/") == [""]
    assert escape("/a~b") == "~1a~0b"


def test_a_pointer_is_followed_to_a_value_or_to_nothing() -> None:
    data = {"a": [{"b": None}]}
    assert follow(data, "/a/0/b") is None
    assert follow(data, "/a/1") is MISSING
    assert follow(data, "/a/0/c") is MISSING
    assert follow(data, "/a/x") is MISSING
