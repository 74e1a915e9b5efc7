from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bartizan
from bartizan.policy.faults import FAULTS
from bartizan.policy.words import WORDS

SOURCE = Path(bartizan.__file__).parent
# Families of faults; a text constant of this form is the code of one.
CODE = re.compile(
    r"(?:config|description|document|har|json|mount|overlay|policy|test|usage|yaml)"
    r"\.[a-z0-9]+[a-z0-9-]*"
)
NOT_CODES = {"json.tool"}


def named() -> dict[str, str]:
    """Every code that the source names, with one place."""
    found: dict[str, str] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        if file.name != "faults.py":
            found |= {code: str(file.relative_to(SOURCE)) for code in constants(file)}
    return found


def constants(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CODE.fullmatch(text) and text not in NOT_CODES:
            yield text


def test_every_fault_code_of_the_source_has_words() -> None:
    missing = {code: place for code, place in named().items() if code not in FAULTS}
    assert missing == {}, "add a row to src/bartizan/policy/faults.py, then `make docs`"


def test_no_words_are_kept_for_a_code_that_nothing_reports() -> None:
    assert sorted(set(FAULTS) - set(named())) == []


def test_faults_and_reasons_share_no_code() -> None:
    assert set(FAULTS) & set(WORDS) == set()


def test_words_are_sentences_without_a_full_stop() -> None:
    for words in FAULTS.values():
        for text in (words.title, words.why, words.mend):
            assert text
            assert text == text.strip().rstrip(".")
