"""`bartizan doctor`: checks an installation, and a running gateway from outside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bartizan import __version__
from bartizan.console import doctor, lifecycle, probes, wire
from bartizan.console.cli.places import chosen_of, declare_overrides, state_of
from bartizan.console.probe import Probe
from bartizan.console.rendering import paint, plain
from bartizan.console.terminal import BROKEN, CLEAN, FOUND, Stopped
from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from bartizan.console.doctor import Check, Looks
    from bartizan.console.terminal import Terminal

_SHADES = {"broken": "\033[31m", "failed": "\033[31m", "ok": "\033[32m", "warning": "\033[33m"}


def declare(flags: ArgumentParser) -> None:
    """Flags of `doctor`."""
    declare_overrides(flags)
    flags.add_argument(
        "--offline", action="store_true", help="only the installation, no running gateway"
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints each check; 1 when one fails, 3 when something could not be looked at."""
    found: list[Check] = []
    for check in checks(args, terminal, Probe()):
        found.append(check)
        if not args.json:
            terminal.put(_line(check, colour=terminal.is_colourful))
    if args.json:
        terminal.put_json(_data(found))
    return status(found)


def checks(args: Namespace, terminal: Terminal, looks: Looks) -> Iterator[Check]:
    """Everything that is looked at, in order."""
    yield from doctor.installation(__version__, doctor.core_version(), doctor.python_version())
    yield from doctor.state_directory(state_of(args))
    chosen = chosen_of(args, terminal)
    built: wire.Built | Fault | Stopped
    try:
        built = wire.build(chosen, terminal)
    except (Fault, Stopped) as failed:
        built = failed
    compiled = built.compiled if isinstance(built, wire.Built) else built
    yield from doctor.configuration(compiled)
    if args.offline or isinstance(built, Fault):
        return
    config = built.config if isinstance(built, wire.Built) else wire.load_config(chosen)
    policy = built.compiled.hash if isinstance(built, wire.Built) else ""
    state = state_of(args)
    remember, sending = partial(probes.remember, state), partial(probes.sending, state)
    yield from doctor.gateway(config, policy, looks, remember, sending)
    yield from doctor.clock(config, lifecycle.now_ms(), looks)


def status(found: Sequence[Check]) -> int:
    """0 clean, 1 failed, 3 something could not be looked at."""
    states = {one.state for one in found}
    if "broken" in states:
        return BROKEN
    return FOUND if "failed" in states else CLEAN


def _line(one: Check, *, colour: bool) -> str:
    head = f"{paint(f'{one.state:<7}', _SHADES[one.state], on=colour)} {one.name:<9}"
    text = f"{head} {plain(one.words)}"
    return f"{text}\n{'':<18}hint: {plain(one.hint)}" if one.hint else text


def _data(found: Sequence[Check]) -> dict[str, object]:
    return {
        "ok": status(found) == CLEAN,
        "checks": [
            {"name": one.name, "state": one.state, "words": one.words, "hint": one.hint}
            for one in found
        ],
    }
