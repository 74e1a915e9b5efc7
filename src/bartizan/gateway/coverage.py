"""What an in-process mount says of itself at start: coverage first, then the gaps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bartizan.gateway.ownership import DECLARED
from bartizan.model.listed import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.gateway.guard import Guard

LISTED_MAX = 10
ANYWHERE = (
    "framing and deadlines are the server's: it has read the bytes before the mount sees them",
    "what a layer inside the app changes of method or path is not seen",
    "routes that the app adds later are refused until the next start",
    "`bartizan tail` and `bartizan capture` see no mount",
)
ASGI = (
    *ANYWHERE,
    "of a WebSocket the handshake is judged (route, origin, credential, limits); messages are not",
)
WSGI = (
    *ANYWHERE,
    "fields sent twice, `_` in their names and their order are lost before the mount sees them",
    "escapes of a path are checked where the server hands them on (RAW_URI or REQUEST_URI)",
    "trailers are the server's",
)


def coverage(guard: Guard, gaps: tuple[str, ...] = ASGI) -> Iterator[str]:
    """Lines for the operator. gaps: what this mount cannot check."""
    form = json.loads(guard.compiled.form)
    unresolved = [one["id"] for one in form["operations"] if one["unrepresentable"]]
    exempt = [
        f"{one['id']} ({', '.join(sorted(shadowed))})"
        for one in form["operations"]
        if not one["unrepresentable"] and (shadowed := _shadowed(form["controls"], one["controls"]))
    ]
    total = len(form["operations"])
    counted = f"{total} operation{'' if total == 1 else 's'}"
    sound = total - len(exempt) - len(unresolved)
    listed = _listed([*exempt, *unresolved]) if exempt or unresolved else ""
    if not _enforced(form["controls"]):
        sound, word, listed = total - len(unresolved), "watched (shadow: nothing is refused)", ""
        yield f"{counted}: {sound} {word}, {len(unresolved)} unresolved"
    else:
        yield (
            f"{counted}: {sound} protected, {len(exempt)} exempt,"
            f" {len(unresolved)} unresolved{listed}"
        )
    yield from _notes(guard)
    for gap in (*gaps, *_limits(guard)):
        yield f"not here: {gap}"


def _enforced(controls: dict[str, str]) -> bool:
    return any(mode == "enforce" for mode in controls.values())


def _shadowed(controls: dict[str, str], own: dict[str, str]) -> set[str]:
    """Controls in shadow for one Operation."""
    return {name for name, mode in {**controls, **own}.items() if mode != "enforce"}


def _listed(names: list[str]) -> str:
    return f": {listed(names, LISTED_MAX)}"


def _notes(guard: Guard) -> Iterator[str]:
    for one in guard.compiled.warnings[:LISTED_MAX]:
        yield f"{one.code}: {one.message}" + (f" ({one.location})" if one.file else "")
    undeclared = guard.router.undeclared if guard.router is not None else []
    if undeclared:
        yield f"{len(undeclared)} routes of the app are not in its document{_listed(undeclared)}"
    yield from guard.lookups.unknown(DECLARED)
    if guard.drain is None:
        yield "Events are not kept: write `state: .bartizan` into the config for `bartizan explain`"


def _limits(guard: Guard) -> Iterator[str]:
    count = guard.workers
    if count is None:
        yield (
            "limits are counted in each process of the server for itself;"
            " write `workers: N` into the config and each holds an Nth part"
        )
    elif count > 1:
        yield f"limits are counted in each of {count} processes, which hold a {count}th part each"
    if guard.thin:
        yield (
            f"limits below the number of processes ({guard.thin}): each process lets one through at"
            " once"
        )
