from __future__ import annotations

from dataclasses import dataclass

import pytest

from bartizan.console.demo.client import Answer, Credentials, Side, raw_answer
from bartizan.console.demo.issuer import Issuer, opened
from bartizan.console.demo.steps import Call

OURS, FORGER = Issuer(b"\x01" * 32), Issuer(b"\x02" * 32)
CAST = Credentials(OURS, FORGER, 1_000_000)


def test_a_good_token_outlives_the_tour() -> None:
    assert OURS.verified(CAST.token("ann"))["exp"] == 1_000_000 + 8 * 3_600


def test_an_expired_token_is_well_signed_and_over() -> None:
    assert OURS.verified(CAST.token("ann expired"))["exp"] == 1_000_000 - 2 * 3_600


@pytest.mark.parametrize("who", ["ann forged", "ann unsigned"])
def test_forged_and_unsigned_tokens_read_well_and_do_not_verify(who: str) -> None:
    assert opened(CAST.token(who))[1]["sub"] == "ann"
    with pytest.raises(ValueError, match=r".*"):
        OURS.verified(CAST.token(who))


def test_an_unknown_flaw_is_refused() -> None:
    with pytest.raises(ValueError, match="bent"):
        CAST.token("ann bent")


def test_words_of_the_side_are_filled_in() -> None:
    side = Side(("127.0.0.1", 1), {"n": "2", "item": "Lantern"}, CAST.token)
    assert side.filled('{"feed": "poisoned-{n}", "x": "{item}{y}"}') == (
        '{"feed": "poisoned-2", "x": "Lantern{y}"}'
    )


def test_a_flood_goes_on_until_it_is_limited() -> None:
    sent: list[Call] = []

    @dataclass(frozen=True, slots=True)
    class Limited(Side):
        def _send(self, call: Call) -> Answer:
            sent.append(call)
            return Answer(429 if len(sent) == 3 else 200, "", "")

    side = Limited(("", 0), {}, CAST.token)
    assert side.send([Call(times=2)]).status == 200
    assert side.send([Call(times=40)]).status == 429
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        ('{"reference": "0abc"}', "0abc"),
        ("content-type: x\r\n\r\n" + '{"reference": "0abc"}', "0abc"),
        ("[]", ""),
        ("no json", ""),
        ("", ""),
    ],
)
def test_reference_stands_in_the_problem_document(body: str, reference: str) -> None:
    assert Answer(401, "", body).reference == reference


def test_raw_answer_keeps_all_that_came_behind_the_first_status() -> None:
    answer = raw_answer("HTTP/1.1 200 OK\r\n\r\n{}HTTP/1.1 201 Created\r\n\r\n")
    assert answer.status == 200
    assert "201 Created" in answer.text


@pytest.mark.parametrize("text", ["", "nonsense", "HTTP/1.1 x"])
def test_what_is_no_http_has_no_status(text: str) -> None:
    assert raw_answer(text).status == 0
