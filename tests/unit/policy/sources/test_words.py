import pytest

from bartizan.policy.sources.words import DIALECTS, IN_PLACE, SOUND, Act


@pytest.mark.parametrize(
    ("keyword", "sound", "wrong"),
    [
        ("maxLength", 3, -1),
        ("minItems", 2.0, 2.5),
        ("maxProperties", 0, True),
        ("maximum", -1.5, "1"),
        ("multipleOf", 0.01, 0),
        ("pattern", "a", 1),
        ("uniqueItems", False, "no"),
        ("enum", [None], []),
        ("const", None, None),
        ("dependentRequired", {"a": ["b"]}, {"a": ["b", "b"]}),
    ],
)
def test_a_keyword_is_kept_only_with_a_sound_value(
    keyword: str, sound: object, wrong: object
) -> None:
    is_sound, _ = SOUND[keyword]
    assert is_sound(sound)
    assert keyword == "const" or not is_sound(wrong)


def test_nullable_belongs_to_3_0_alone() -> None:
    assert [name for name, acts in DIALECTS.items() if "nullable" in acts] == ["3.0"]


def test_each_kept_keyword_has_its_test_of_soundness() -> None:
    kept = {word for acts in DIALECTS.values() for word, act in acts.items() if act is Act.KEEP}
    assert kept == set(SOUND)


def test_keywords_that_look_at_the_same_value_hold_schemas() -> None:
    holds = {Act.LIST, Act.MAP, Act.SCHEMA}
    assert {DIALECTS["3.1"][word] for word in IN_PLACE} <= holds
