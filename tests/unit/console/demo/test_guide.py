from __future__ import annotations

from typing import cast

from bartizan.console.demo.guide import Guide
from bartizan.console.demo.record import Record
from bartizan.console.demo.show import Show
from bartizan.console.demo.steps import CHAPTERS
from tests.unit.console.demo.test_show import OUTCOMES, STAGE
from tests.unit.console.demo.test_tour import Notes


def test_every_step_is_shown_under_its_chapter_and_then_the_table() -> None:
    said: list[str] = []
    pauses: list[None] = []
    guide = Guide(
        show=Show(colour=False),
        put=said.append,
        pause=lambda: pauses.append(None),
        record=cast("Record", Notes(None)),
        is_watched=True,
    )
    last = CHAPTERS[-1]
    pairs = [(last, outcome) for outcome in OUTCOMES if outcome.step in last.steps]
    outcomes = guide.lead(STAGE, "cd x", pairs)
    guide.stay(STAGE, "cd x")
    guide.leave()
    text = "\n".join(said)
    assert len(outcomes) == 5
    assert text.count("Not yet stopped\n") == 1
    assert text.index("SQL in a partner's feed") < text.index("0 attacks stopped")
    assert text.index("stays up until Ctrl-C") < text.index("it stays up.")
    assert len(pauses) == 2 + 3 * 5
