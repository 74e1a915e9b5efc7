"""`bartizan explain`: one Decision in eight fields, or a code in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan import __version__
from bartizan.console import rendering
from bartizan.console.cli.places import config_of, declare_state
from bartizan.console.terminal import CLEAN, Stopped
from bartizan.policy.answers import ANSWERS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from bartizan.console.terminal import Terminal
    from bartizan.model.event import Notable
    from bartizan.policy.explain import Facts
    from bartizan.store.ports import Notables

DAY_MS = 86_400_000


def declare(flags: ArgumentParser) -> None:
    """Flags of `explain`."""
    declare_state(flags)
    flags.add_argument("what", help="reference id of an answer, or a code such as parse.bad-json")


def run(args: Namespace, terminal: Terminal) -> int:
    """Explains a code when there is a dot in it, a word of an answer, else a reference id."""
    name = args.what.strip().lower()
    if word := ANSWERS.get(name):
        return _answer(name, word, args, terminal)
    if "." in name:
        return _shown(told(name), args, terminal)
    return _reference(args, terminal)


def _answer(name: str, means: str, args: Namespace, terminal: Terminal) -> int:
    """The `code` of an answer tells a client the kind of cause and never the rule."""
    data = {
        "code": name,
        "title": means,
        "why": "clients are told the kind of cause, never the rule",
        "mend": "`bartizan explain REFERENCE`, with the `reference` of that answer, tells the rule",
    }
    return _shown(data, args, terminal)


def _shown(data: Mapping[str, object], args: Namespace, terminal: Terminal) -> int:
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
        raise Stopped(f"unknown code `{name}`", hint=_hint(name, (*WORDS, *FAULTS)))
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


def _hint(name: str, codes: tuple[str, ...]) -> str:
    """The nearest code, else those of the same stage."""
    from bartizan.policy.suggest import hint, nearest

    if close := nearest(name, codes):
        return f"did you mean `{close}`?"
    stages = {code.partition(".")[0] for code in codes}
    written = name.partition(".")[0]
    stage = written if written in stages else nearest(written, sorted(stages))
    if stage is None:
        return f"codes begin with {', '.join(f'`{one}.`' for one in sorted(stages))}"
    own = [code for code in codes if code.startswith(f"{stage}.")]
    return hint(f"{stage}.{name.partition('.')[2]}", own)


def _reference(args: Namespace, terminal: Terminal) -> int:
    from bartizan.console.cli.kept import kept
    from bartizan.policy.explain import explain
    from bartizan.store.ports import Query, who

    with kept(args) as store:
        row = asked_of(store, args.what)
        code = row.event.leading.code if row.event.leading else ""
        alike = Query(
            since_ms=row.event.time_ms - DAY_MS,
            operation=row.event.route,
            code=code,
            who=who(row),
        )
        similar = store.count(alike)
    told = explain(row, facts_of(args, similar))
    if args.json:
        terminal.put_json(told.as_data())
    else:
        terminal.put(rendering.explanation(told, colour=terminal.is_colourful))
    return CLEAN


def asked_of(store: Notables, text: str) -> Notable:
    """The Event that `text` names: as in `reference` or, behind `urn:...:`, in `instance`.

    Raises Stopped, Fault.
    """
    from bartizan.model.ids import require_reference

    ref = require_reference(text.strip().rpartition(":")[2])
    row = store.find(ref)
    if row is None:
        raise Stopped(
            f"no Event has the reference id `{ref}`",
            hint="kept for 24 hours is what a rule stood against, shadowed too: `bartizan report`; "
            "of an allowed request nothing is kept, since no rule refused it: `bartizan decide` or "
            "`bartizan replay` tells what would be checked",
        )
    return row


def facts_of(args: Namespace, similar: int = 1) -> Facts:
    """What is known besides an Event, of the config of now."""
    from bartizan.console.plain import plain_config
    from bartizan.policy.explain import Facts
    from bartizan.policy.words import code_facts

    config = plain_config(config_of(args))
    return Facts(
        version=__version__, codes=code_facts(), config=config, similar=similar, is_kept=True
    )
