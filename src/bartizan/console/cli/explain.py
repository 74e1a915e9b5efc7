"""`bartizan explain`: one Decision in eight fields, or a code in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan import __version__
from bartizan.console import rendering
from bartizan.console.cli.places import config_of, declare_state
from bartizan.console.terminal import CLEAN, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal

DAY_MS = 86_400_000


def declare(flags: ArgumentParser) -> None:
    """Flags of `explain`."""
    declare_state(flags)
    flags.add_argument("what", help="reference id of an answer, or a code such as parse.bad-json")


def run(args: Namespace, terminal: Terminal) -> int:
    """Explains a code when there is a dot in it, else a reference id."""
    if "." in args.what:
        return _code(args.what.strip().lower(), args, terminal)
    return _reference(args, terminal)


def _code(name: str, args: Namespace, terminal: Terminal) -> int:
    data = told(name)
    if args.json:
        terminal.put_json(data)
    else:
        terminal.put("\n".join(f"{key:<7} {value}" for key, value in data.items()))
    return CLEAN


def told(name: str) -> dict[str, object]:
    """What a code means: of a Decision, or of a fault of config and document. Raises Stopped."""
    from bartizan.policy.faults import FAULTS
    from bartizan.policy.words import WORDS, code_facts

    if name in FAULTS:
        found = FAULTS[name]
        return {"code": name, "title": found.title, "why": found.why, "mend": found.mend}
    if name not in WORDS:
        from bartizan.policy.suggest import nearest

        close = nearest(name, (*WORDS, *FAULTS))
        raise Stopped(f"unknown code `{name}`", hint=f"did you mean `{close}`?" if close else "")
    words, fact = WORDS[name], code_facts()[name]
    return {
        "code": name,
        "title": fact.title,
        "stage": fact.stage,
        "class": fact.kind,
        "status": fact.status,
        "why": words.why,
        "mend": words.mend,
    }


def _reference(args: Namespace, terminal: Terminal) -> int:
    from bartizan.console.cli.kept import kept
    from bartizan.console.cli.plain import plain_config
    from bartizan.model.ids import require_reference
    from bartizan.policy.explain import Facts, explain
    from bartizan.policy.words import code_facts
    from bartizan.store.ports import Query, who

    # As in `reference` or, with `urn:bartizan:exchange:` before it, in `instance`.
    ref = require_reference(args.what.strip().rpartition(":")[2])
    with kept(args) as store:
        row = store.find(ref)
        if row is None:
            raise Stopped(
                f"no Event has the reference id `{ref}`",
                hint="kept are the refusals of 24 hours, shadowed ones too: see `bartizan report`",
            )
        code = row.event.leading.code if row.event.leading else ""
        alike = Query(
            since_ms=row.event.time_ms - DAY_MS,
            operation=row.event.route,
            code=code,
            who=who(row),
        )
        similar = store.count(alike)
    config = plain_config(config_of(args))
    facts = Facts(version=__version__, codes=code_facts(), config=config, similar=similar)
    told = explain(row, facts)
    if args.json:
        terminal.put_json(told.as_data())
    else:
        terminal.put(rendering.explanation(told, colour=terminal.is_colourful))
    return CLEAN
