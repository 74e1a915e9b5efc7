import re
from pathlib import Path

import pytest

from bartizan.policy.words import WORDS

TABLE = Path(__file__).parents[3] / "crates" / "core" / "src" / "codes.rs"


def codes() -> set[str]:
    return set(re.findall(r'^ +\w+ "([a-z0-9.-]+)" \w+ \w+ \d+ "', TABLE.read_text(), re.MULTILINE))


def test_every_code_of_the_core_has_words_and_no_other() -> None:
    assert set(WORDS) == codes()


@pytest.mark.parametrize("code", sorted(WORDS))
def test_words_are_plain_sentences_without_full_stop(code: str) -> None:
    for text in (WORDS[code].why, WORDS[code].mend):
        assert text
        assert not text.endswith(".")
        assert "simply" not in text
