import re
from pathlib import Path

from bartizan.policy.answers import ANSWERS

CORE = Path(__file__).parents[3] / "crates/core/src/answer.rs"


def test_every_kind_that_the_core_tells_clients_has_words() -> None:
    body = CORE.read_text().partition("fn kind(")[2].partition("\n}\n")[0]
    assert set(re.findall(r'=> "([a-z-]+)"', body)) == set(ANSWERS)
