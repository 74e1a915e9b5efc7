"""What `explain` and `report` look at: the table of notable Events of a state directory."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from bartizan.console.cli.places import chosen_of, state_of
from bartizan.console.terminal import Stopped
from bartizan.console.wire import NothingKept, build, open_store
from bartizan.policy.suggest import hint
from bartizan.store.ports import Query

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.store.ports import Notables

_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@contextlib.contextmanager
def kept(args: Namespace) -> Iterator[Notables]:
    """The table, closed afterwards. Raises Stopped when nothing was ever kept there."""
    store = open_store(state_of(args), make=False)
    try:
        yield store
    finally:
        store.close()


def require_known(store: Notables, names: Iterable[str]) -> None:
    """Every name is an Operation of the Policy in force, or a route that was refused.

    Raises Stopped. A table of a gateway that never told its Operations refuses nothing.
    """
    known = store.operations()
    for name in names:
        if name and known and name not in known and not store.count(Query(operation=name)):
            raise Stopped(f"unknown operation `{name}`", hint=hint(name, known))


def require_operations(args: Namespace, names: Iterable[str]) -> None:
    """As `require_known`, where anything was ever kept."""
    wanted = [name for name in names if name]
    if wanted:
        with contextlib.suppress(NothingKept), kept(args) as store:
            require_known(store, wanted)


def require_declared(args: Namespace, names: Sequence[str], terminal: Terminal) -> None:
    """Every name is an Operation of the Policy in force, else of the config. Raises Stopped, Fault.

    For what opens something: a name that nobody declared would stand there as if it did.
    """
    if not names:
        return
    known = frozenset[str]()
    with contextlib.suppress(NothingKept), kept(args) as store:
        known = store.operations()
    if not known:
        compiled = build(chosen_of(args, terminal), terminal).compiled
        known = frozenset(one.id for one in compiled.operations)
    for name in names:
        if name not in known:
            raise Stopped(f"unknown operation `{name}`", hint=hint(name, known))


def span_ms(text: str) -> int:
    """Milliseconds of `90s`, `15m`, `24h` or `7d`. Raises Stopped."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise Stopped(f"`{text}` is not a time such as `15m` or `24h`")
    return int(found[1]) * _UNITS_MS[found[2]]
