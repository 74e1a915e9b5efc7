from bartizan.console.cli.completion_words import verbs


def test_inner_verbs_have_their_own_words() -> None:
    keys = next(one for one in verbs() if one.name == "keys")
    inner = {one.name: one for one in keys.inner}
    assert {"create", "rotate", "scan"} < set(inner)
    named = {name for one in inner["rotate"].flags for name in one.names}
    assert {"--grace", "--yes", "--json", "--state"} < named
    assert inner["rotate"].words == []


def test_words_by_place_are_told_from_flags() -> None:
    own = next(one for one in verbs() if one.name == "completion")
    assert own.words == ["bash", "fish", "zsh"]
    assert all(name.startswith("-") for one in own.flags for name in one.names)
