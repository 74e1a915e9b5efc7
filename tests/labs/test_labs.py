"""Each hole of a lab works without its fix only; honest use works with and without all of them."""

from __future__ import annotations

import pytest

from bartizan.console.demo.issuer import Issuer
from labs.bank.uses import LAB as BANK
from labs.clinic.uses import LAB as CLINIC
from labs.lab import Desk, Lab, Weakness, play
from labs.locker.uses import LAB as LOCKER

LABS = (BANK, CLINIC, LOCKER)
NOW_S = 1_700_000_000
ISSUER = Issuer(b"s" * 32)
HOLES = [(lab, hole) for lab in LABS for hole in lab.weaknesses]


def works(lab: Lab, hole: Weakness, fixes: frozenset[str]) -> bool:
    desk = Desk(ISSUER, lambda: NOW_S, fixes)
    return hole.works(play(lab.start(desk), hole.attack, ISSUER, NOW_S))


@pytest.mark.parametrize(("lab", "hole"), HOLES, ids=[hole.id for _, hole in HOLES])
def test_an_attack_works_until_its_own_hole_is_mended(lab: Lab, hole: Weakness) -> None:
    assert works(lab, hole, frozenset())
    assert works(lab, hole, lab.ids - {hole.id})
    assert not works(lab, hole, frozenset({hole.id}))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
@pytest.mark.parametrize("is_fixed", [False, True])
def test_honest_use_works_with_and_without_the_fixes(lab: Lab, is_fixed: bool) -> None:
    desk = Desk(ISSUER, lambda: NOW_S, lab.ids if is_fixed else frozenset())
    answers = play(lab.start(desk), lab.good, ISSUER, NOW_S)
    assert [one.status for one in answers] == [call.status for call in lab.good]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_without_a_valid_token_nobody_is_let_in(lab: Lab) -> None:
    answering = lab.start(Desk(Issuer(b"t" * 32), lambda: NOW_S, lab.ids))
    guarded = [call for call in lab.good if call.who and not call.keep and "{" not in call.target]
    assert {one.status for one in play(answering, guarded, ISSUER, NOW_S)} == {401}


def test_an_unknown_weakness_is_named() -> None:
    assert BANK.chosen("bank-1, BANK-2") == {"BANK-1", "BANK-2"}
    with pytest.raises(ValueError, match="unknown weakness `BANK-9`"):
        BANK.chosen("BANK-9")
