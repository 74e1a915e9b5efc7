from __future__ import annotations

from collections.abc import Sequence

from bartizan.gateway.drain import Drain
from bartizan.gateway.record import Settings
from bartizan.model.event import Notable
from bartizan.store.memory import MemoryNotables
from bartizan.store.ports import Totals

LINE = b'{"id":"a","time_ms":1,"policy":"p","verdict":"deny","enforcement":"enforced"}'


def drain(store: MemoryNotables, said: list[str] | None = None, queue_max: int = 10) -> Drain:
    say = said.append if said is not None else print
    return Drain(Settings(), lambda: store, say, queue_max)


def test_notable_events_are_kept_and_all_are_counted() -> None:
    store = MemoryNotables()
    one = drain(store)
    one.take(LINE, is_notable=True)
    one.take(b"{}", is_notable=False)
    one.write(store)
    assert store.find("a") is not None
    assert store.totals() == Totals(delivered=2)


def test_what_overflows_is_counted_exactly() -> None:
    store = MemoryNotables()
    one = drain(store, queue_max=3)
    for _ in range(10):
        one.take(LINE, is_notable=True)
    one.take(b"{}", is_notable=False)
    one.write(store)
    totals = store.totals()
    assert (totals.delivered, totals.lost) == (4, 7)
    assert one.emitted == totals.delivered + totals.lost


def test_counts_are_not_counted_twice() -> None:
    store = MemoryNotables()
    one = drain(store, queue_max=1)
    for _ in range(3):
        one.take(LINE, is_notable=True)
        one.take(LINE, is_notable=True)
        one.write(store)
    assert (store.totals().delivered, store.totals().lost) == (3, 3)


def test_stop_writes_what_waits() -> None:
    store = MemoryNotables()
    one = drain(store)
    one.start()
    one.take(LINE, is_notable=True)
    one.stop()
    assert store.totals().delivered == 1


def test_a_store_that_fails_is_said_and_stops_no_traffic() -> None:
    class Broken(MemoryNotables):
        def keep(self, rows: Sequence[Notable], seen: Totals) -> None:
            raise OSError("disk full")

    said: list[str] = []
    one = drain(Broken(), said)
    one.start()
    one.take(LINE, is_notable=True)
    one.stop()
    assert "disk full" in said[0]


def test_a_store_that_cannot_be_opened_is_said() -> None:
    def refuse() -> MemoryNotables:
        raise OSError("read-only")

    said: list[str] = []
    one = Drain(Settings(), refuse, said.append)
    one.start()
    one.stop()
    assert "read-only" in said[0]
