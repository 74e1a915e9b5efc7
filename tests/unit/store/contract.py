"""What every Notables must do; run by the test of each implementation."""

from collections.abc import Callable

from bartizan.store.ports import Bounds, Notables, Query, Totals
from tests.unit.store.rows import row

Make = Callable[[Bounds | None], Notables]
ONE = Totals(delivered=1)


def check_a_kept_row_is_found_whole(make: Make) -> None:
    store = make(None)
    store.keep([row("a"), row("b")], Totals(delivered=5, lost=2))
    assert store.find("a") == row("a")
    assert store.find("c") is None
    assert store.totals() == Totals(delivered=5, lost=2)


def refs(store: Notables, query: Query) -> list[str]:
    assert store.count(query) == len(list(store.search(query)))
    return [found.event.id for found in store.search(query)]


def check_search_is_newest_first_and_filters(make: Make) -> None:
    store = make(None)
    alice = {"kind": "token", "subject": "alice"}
    rows = [row("a", 1), row("b", 2, operation="GET /x"), row("c", 3, principal=alice)]
    store.keep([*rows, row("d", 4, verdict="throttle")], ONE)
    assert refs(store, Query()) == ["d", "c", "b", "a"]
    assert refs(store, Query(since_ms=3)) == ["d", "c"]
    assert refs(store, Query(operation="GET /x")) == ["b"]
    assert refs(store, Query(who="alice")) == ["c"]
    assert refs(store, Query(who="127.0.0.1", verdict="deny")) == ["b", "a"]
    assert refs(store, Query(code="limit.rate")) == []
    assert store.count(Query(code="parse.bad-json")) == 4


def check_the_oldest_rows_go_first_and_are_counted(make: Make) -> None:
    store = make(Bounds(rows_max=3, age_max_ms=100))
    for number in range(5):
        store.keep([row(str(number), number)], ONE)
    assert refs(store, Query()) == ["4", "3", "2"]
    store.keep([row("later", 103)], ONE)
    assert refs(store, Query()) == ["later", "4", "3"]
    store.keep([row("much later", 300)], ONE)
    assert refs(store, Query()) == ["much later"]
    assert store.totals() == Totals(delivered=7, forgotten=6)


def check_counts_without_rows_are_kept(make: Make) -> None:
    store = make(None)
    store.keep([], Totals(delivered=9))
    store.keep([], Totals(delivered=1, lost=1))
    assert store.totals() == Totals(delivered=10, lost=1)


def check_an_event_that_is_sent_again_is_kept_once(make: Make) -> None:
    # After a killed control process its successor gets the batch under way again.
    store = make(None)
    store.keep([row("a"), row("b")], ONE)
    store.keep([row("b"), row("c")], ONE)
    assert refs(store, Query()) == ["c", "b", "a"]


def check_the_operations_in_force_are_the_last_told(make: Make) -> None:
    store = make(None)
    assert store.operations() == frozenset()
    store.know(["GET /a", "GET /b"])
    store.know(["GET /b", "GET /c", "GET /c"])
    assert store.operations() == {"GET /b", "GET /c"}


ALL = (
    check_a_kept_row_is_found_whole,
    check_search_is_newest_first_and_filters,
    check_the_oldest_rows_go_first_and_are_counted,
    check_counts_without_rows_are_kept,
    check_an_event_that_is_sent_again_is_kept_once,
    check_the_operations_in_force_are_the_last_told,
)
