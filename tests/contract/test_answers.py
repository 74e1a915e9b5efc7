"""Every `code` that a client can get is known to `bartizan explain CODE`, and no other is."""

from __future__ import annotations

import re

from bartizan.gateway.ownership import CODES
from bartizan.policy.answers import ANSWERS
from tests.contract.tree import ROOT, text_of, tracked

KIND = re.compile(r"^fn kind\(.*?^\}", re.MULTILINE | re.DOTALL)
PROBLEM = re.compile(r"\bproblem\(\s*\d+,\s*\"[^\"]*\",\s*\"(?P<code>[^\"]*)\"")


def of_core() -> set[str]:
    found = KIND.search((ROOT / "crates/core/src/answer.rs").read_text("utf-8"))
    assert found
    return set(re.findall(r'"([^"]+)"', found[0]))


def of_mounts() -> set[str]:
    room = ROOT / "src/bartizan/gateway"
    files = [file for file in tracked() if room in (ROOT / file).parents and file.suffix == ".py"]
    return {match["code"] for file in files for match in PROBLEM.finditer(text_of(file) or "")}


def test_explain_knows_every_code_of_an_answer_and_no_other() -> None:
    assert of_mounts(), "the pattern finds what mounts send"
    assert of_core() | of_mounts() | set(CODES.values()) == set(ANSWERS)


def test_a_mount_uses_the_words_of_the_core() -> None:
    assert set(CODES.values()) <= of_core()
    assert of_mounts() <= of_core()
