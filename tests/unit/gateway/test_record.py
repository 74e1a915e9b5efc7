import json

from bartizan.gateway.link import Counters
from bartizan.gateway.record import POLICIES_MAX, Ledger, Settings
from bartizan.model.event import Notable, Setting
from bartizan.store.ports import Totals

POLICY = "00112233445566aa"


def line(ref: str, policy: str = POLICY) -> bytes:
    reasons = [{"code": "a.b", "document": 0, "source": "/x"}, {"code": "c.d"}]
    return json.dumps({"id": ref, "policy": policy, "reasons": reasons}).encode()


def settings() -> Settings:
    known = Settings()
    known.learn(POLICY + "rest of the hash", lambda d, p: Setting("f", d or 0, p) if p else None)
    return known


def taken(ledger: Ledger) -> tuple[list[Notable], Totals]:
    found = ledger.take()
    assert found is not None
    return found


def test_rows_know_the_lines_behind_their_reasons() -> None:
    ledger = Ledger(settings())
    ledger.add([line("a")], 3)
    rows, totals = taken(ledger)
    assert rows[0].settings == (Setting("f", 0, "/x"), None)
    assert totals == Totals(delivered=3, life=3)
    assert ledger.take() is None


def test_an_event_of_another_policy_is_not_placed_by_this_one() -> None:
    ledger = Ledger(settings())
    ledger.add([line("a", policy="ffff")], 1)
    assert taken(ledger)[0][0].settings == (None, None)


def test_only_the_newest_policies_are_remembered() -> None:
    known = settings()
    for number in range(POLICIES_MAX):
        known.learn(f"{number:016}", lambda _d, _p: None)
    ledger = Ledger(known)
    ledger.add([line("a")], 1)
    assert taken(ledger)[0][0].settings == (None, None)


def test_a_broken_line_is_counted_as_lost() -> None:
    ledger = Ledger(settings())
    ledger.add([b"{", line("a")], 2)
    rows, totals = taken(ledger)
    assert (len(rows), totals) == (1, Totals(delivered=2, lost=1, life=2))


def test_rows_that_the_store_does_not_take_are_bounded() -> None:
    ledger = Ledger(settings(), rows_max=2)
    ledger.add([line(str(number)) for number in range(5)], 5)
    rows, totals = taken(ledger)
    assert ([row.event.id for row in rows], totals.lost) == (["3", "4"], 3)


def test_drops_of_the_gateway_are_counted_once() -> None:
    ledger = Ledger(settings())
    ledger.start(0)
    ledger.count(Counters(100, 88, 12, 1))
    ledger.count(Counters(120, 105, 15, 1))
    assert taken(ledger)[1] == Totals(lost=15, life=15)


def test_what_a_killed_control_process_read_and_did_not_store_is_lost_and_counted() -> None:
    ledger = Ledger(settings())
    ledger.join(70)
    ledger.count(Counters(110, 88, 12, 1))
    ledger.add([], 10)
    ledger.count(Counters(110, 98, 12, 1))
    assert taken(ledger)[1] == Totals(delivered=10, lost=30, life=40)


def test_a_batch_that_was_stored_and_comes_again_is_counted_once() -> None:
    ledger = Ledger(settings())
    ledger.join(100)
    ledger.count(Counters(110, 90, 0, 1))
    ledger.add([], 10)
    ledger.add([], 10)
    ledger.count(Counters(110, 110, 0, 1))
    assert taken(ledger)[1] == Totals(delivered=10, life=10)


def test_a_new_gateway_process_begins_at_nothing() -> None:
    ledger = Ledger(settings())
    ledger.start(40)
    ledger.add([], 3)
    assert taken(ledger)[1] == Totals(delivered=3, life=-37)
