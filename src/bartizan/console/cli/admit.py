"""`bartizan admit REF`: makes the change that `explain REF` offers, after showing what it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bartizan.console import wire
from bartizan.console.cli import admitted
from bartizan.console.cli.explain import asked_of, facts_of
from bartizan.console.cli.kept import kept
from bartizan.console.cli.places import chosen_of, config_of, declare_state, state_of, with_upstream
from bartizan.console.cli.rewrite import difference, is_agreed, scratch, write
from bartizan.console.rendering import counted, diagnostics, plain
from bartizan.console.terminal import CLEAN, FOUND, Stopped
from bartizan.model.errors import Fault
from bartizan.policy.admission import (
    Effect,
    NotAdmitted,
    Wanted,
    effect,
    is_exception,
    signed,
    wanted,
)
from bartizan.policy.amend import NotWritable, amended
from bartizan.policy.edit import stands

T = TypeVar("T")

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Chosen
    from bartizan.model.event import Notable
    from bartizan.policy.edit import Offer

_NO_REASON = "say why this is honest traffic: `--reason 'old app sends it empty'`"


def declare(flags: ArgumentParser) -> None:
    """Flags of `admit`."""
    declare_state(flags)
    flags.add_argument("ref", nargs="?", help="reference id of an answer, or of `bartizan report`")
    flags.add_argument(
        "--rule", default="", help="only what this rule found, such as match.unknown-path"
    )
    flags.add_argument(
        "--shadow",
        action="store_true",
        help="put the control into shadow there, in place of an exception",
    )
    flags.add_argument(
        "--reason", default="", help="of an exception: why this is honest traffic; needed"
    )
    flags.add_argument("--yes", action="store_true", help="write without asking")
    flags.add_argument("--undo", action="store_true", help="take back what was written last")


def run(args: Namespace, terminal: Terminal) -> int:
    """Shows the change, and writes it when it is agreed to; 1 when it was not written."""
    path = config_of(args)
    if path is None:
        hint = "`bartizan init` writes one; then `bartizan up` without other flags reads it"
        raise Stopped("there is no `bartizan.yaml` here to write to", hint=hint)
    if bool(args.ref) == args.undo:
        raise Stopped("name the request: `bartizan admit REF`", hint="`--undo` stands alone")
    if args.undo:
        return admitted.undo(path, state_of(args), terminal, args)
    return _admit(path, args, terminal)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What would be written, and what it would do."""

    ref: str
    changes: Sequence[Offer]
    old: str
    new: str
    effect: Effect
    why_unjudged: str = ""


def _admit(path: Path, args: Namespace, terminal: Terminal) -> int:
    row, others = _rows(args)
    facts = facts_of(args)
    try:
        asked = wanted(row.event, facts, args.rule.lower(), as_shadow=args.shadow)
    except NotAdmitted as fault:
        hint = "`bartizan explain` tells what else can be done"
        raise Stopped(f"no change admits it: {fault}", hint=hint) from None
    changes = signed([one.change for one in asked], reason=args.reason)
    if args.reason and not any(map(is_exception, changes)):
        raise Stopped("`--reason` belongs to exceptions, and this change is none")
    if all(stands(facts.config, one) for one in changes):
        terminal.say(f"`{path}` holds this change already")
        return CLEAN
    plan = _planned(path, row, others, (asked, changes), args, terminal)
    return _settle(path, plan, args, terminal)


def _rows(args: Namespace) -> tuple[Notable, list[Notable]]:
    """The Event, and all others of the record."""
    from bartizan.store.ports import Query

    with kept(args) as store:
        return asked_of(store, args.ref), list(store.search(Query()))


def _planned(
    path: Path,
    row: Notable,
    others: list[Notable],
    wish: tuple[list[Wanted], list[Offer]],
    args: Namespace,
    terminal: Terminal,
) -> _Plan:
    asked, changes = wish
    old = new = path.read_bytes().decode()
    try:
        for one in changes:
            new = amended(new, one)
    except NotWritable as fault:
        paste = "paste it by hand: `bartizan explain` shows it"
        raise Stopped(f"`{path}` cannot be changed by a machine: {fault}", hint=paste) from None
    told, why = _effect(path, new, (row, others, asked), args, terminal)
    if told.passes is False:
        left = ", ".join(dict.fromkeys(f"{one.code} at {one.field}" for one in told.left))
        raise Stopped(
            f"with this change it would still be refused: {left}", hint="nothing was written"
        )
    return _Plan(ref=row.event.id, changes=changes, old=old, new=new, effect=told, why_unjudged=why)


def _effect(
    path: Path,
    new: str,
    record: tuple[Notable, list[Notable], list[Wanted]],
    args: Namespace,
    terminal: Terminal,
) -> tuple[Effect, str]:
    """What the change does, by the Policy of the file before and after it. Raises Stopped."""
    row, others, asked = record
    chosen = with_upstream(chosen_of(args, terminal))
    config = wire.load_config(chosen)
    if chosen.overrides.upstream and config.openapi == "auto" and not config.apis:
        _changed(path, new, chosen, wire.load_config, terminal)
        return Effect(
            passes=None
        ), "the config names no document to compile, so its keys are checked"
    before = wire.build(chosen, terminal)
    after = _changed(path, new, chosen, lambda own: wire.build(own, terminal), terminal)
    forms = before.compiled.form, after.compiled.form
    found = effect(forms, row.event, asked, others)
    return found, "the record holds neither bodies nor credentials" if found.passes is None else ""


def _changed(
    path: Path, new: str, chosen: Chosen, make: Callable[[Chosen], T], terminal: Terminal
) -> T:
    """What `make` makes of the changed text; its faults are told at lines of the file itself."""
    with scratch(path, new) as beside:
        try:
            return make(replace(chosen, config=beside))
        except Fault as fault:
            told = [
                replace(one, file=one.file.replace(str(beside), str(path)))
                for one in fault.diagnostics
            ]
            terminal.say(diagnostics(told, colour=terminal.talk_is_colourful))
            message = "with this change the config would not load"
            raise Stopped(message, hint="nothing was written") from None


def _settle(path: Path, plan: _Plan, args: Namespace, terminal: Terminal) -> int:
    lacks_reason = any(is_exception(one) for one in plan.changes) and not args.reason
    if not args.json:
        terminal.put(_text(path, plan, colour=terminal.is_colourful))
    if args.yes and lacks_reason:
        raise Stopped("an exception needs a reason", hint=_NO_REASON)
    writes = not lacks_reason and (
        args.yes or (not args.json and is_agreed(terminal, f"write `{path}`?"))
    )
    if writes:
        if path.read_bytes().decode() != plan.old:
            raise Stopped(f"`{path}` was changed meanwhile", hint="nothing was written; try again")
        # The way back comes first: a change that cannot be taken back is not written.
        admitted.remember(state_of(args), path, plan.ref, plan.old, plan.new)
        write(path, plan.new)
    if args.json:
        terminal.put_json(_data(path, plan, is_written=writes))
    _say(path, args, terminal, is_written=writes, lacks_reason=lacks_reason)
    return CLEAN if writes else FOUND


def _say(
    path: Path, args: Namespace, terminal: Terminal, *, is_written: bool, lacks_reason: bool
) -> None:
    if not is_written:
        hint = _NO_REASON if lacks_reason else "`--yes` writes it"
        terminal.say(f"nothing was written; {hint}")
        return
    running = wire.is_guarded(state_of(args))
    when = (
        "the running gateway takes it over by itself" if running else "it holds from the next start"
    )
    terminal.say(f"written to `{path}`: {when}; `bartizan admit --undo` takes it back")


def _text(path: Path, plan: _Plan, *, colour: bool) -> str:
    lines = []
    for one in plan.changes:
        lines.append(f"to let it pass, {plain(one.title)}")
        lines += [f"caution: {plain(one.caution)}"] if one.caution else []
    lines.append(difference(str(path), plan.old, plan.new, "admitted", colour=colour))
    return "\n".join([*lines, _outcome(plan)])


def _outcome(plan: _Plan) -> str:
    told = plan.effect
    if told.passes is None:
        return f"whether it passes then cannot be told: {plan.why_unjudged}"
    others = counted(told.of, "other refusal")
    if not told.of:
        return "this request would pass; the record holds no other refusal"
    if not told.others:
        return f"this request would pass, and none of {others} of the record"
    callers = counted(told.callers, "caller")
    return (
        f"this request would pass; so would {told.others} of {others} of the record, of {callers}"
    )


def _data(path: Path, plan: _Plan, *, is_written: bool) -> dict[str, object]:
    told = plan.effect
    return {
        "ref": plan.ref,
        "config": str(path),
        "changes": [one.as_data() for one in plan.changes],
        "diff": difference(str(path), plan.old, plan.new, "admitted"),
        "passes": told.passes,
        "also_passing": told.others,
        "other_refusals": told.of,
        "written": is_written,
    }
