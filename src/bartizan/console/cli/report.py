"""`bartizan report`: per operation what enforce would have blocked, and the line to change."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from bartizan.console import probes, rendering
from bartizan.console.cli.kept import kept, require_known, span_ms
from bartizan.console.cli.places import config_of, declare_state, state_of
from bartizan.console.lifecycle import now_ms
from bartizan.console.plain import plain_config
from bartizan.console.terminal import CLEAN, FOUND

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal
    from bartizan.policy.report import Line
    from bartizan.store.ports import Totals


def declare(flags: ArgumentParser) -> None:
    """Flags of `report`."""
    declare_state(flags)
    flags.add_argument("--since", default="24h", help="how far back, such as 15m or 24h")
    flags.add_argument("--operation", default="", help="only this one, such as `GET /users/{id}`")


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the report; gives 1 when enforce would refuse anything."""
    from bartizan.policy.report import summarise
    from bartizan.policy.words import code_facts
    from bartizan.store.ports import Query

    query = Query(since_ms=now_ms() - span_ms(args.since), operation=args.operation)
    ours = probes.sent(state_of(args))
    with kept(args) as store, terminal.progress("reading the recorded events"):
        require_known(store, [args.operation])
        totals = store.totals()
        totals = replace(totals, delivered=max(0, totals.delivered - len(ours)))
        found = [row for row in store.search(query) if row.event.id not in ours]
        left_out = store.count(query) - len(found)
        lines = summarise(found, code_facts(), plain_config(config_of(args)))
    if args.json:
        terminal.put_json(_data(lines, totals, left_out))
    else:
        told = text(lines, totals, left_out, args.operation, colour=terminal.is_colourful)
        terminal.put(told)
    return CLEAN if all(line.is_settled for line in lines) else FOUND


def _data(lines: list[Line], totals: Totals, left_out: int) -> dict[str, object]:
    return {
        "exchanges": totals.delivered,
        "probes": left_out,
        "lost": totals.lost,
        "forgotten": totals.forgotten,
        "lines": [line.as_data() for line in lines],
    }


def text(
    lines: list[Line], totals: Totals, left_out: int = 0, only: str = "", *, colour: bool = False
) -> str:
    """The report for people. left_out: requests of `doctor`. only: the operation asked for."""
    blocks = [_summary(lines, totals, left_out, only)]
    for operation, group in groupby(lines, key=lambda line: line.operation):
        own = list(group)
        count = sum(line.count for line in own)
        title = f"{rendering.plain(operation)}  {rendering.counted(count, 'reason')}"
        title += _labels(own[0])
        blocks.append("\n".join([rendering.bold(title, on=colour), *map(_line, own)]))
    return "\n\n".join(blocks)


def _labels(line: Line) -> str:
    """Whom to ask, and what data is at stake."""
    owner = f"; ask {rendering.plain(line.owner)}" if line.owner else ""
    return f"{owner}; carries {', '.join(line.data)} data" if line.data else owner


def _summary(lines: list[Line], totals: Totals, left_out: int, only: str) -> str:
    shadow, refused = sum(one.in_shadow for one in lines), sum(one.refused for one in lines)
    text = f"{totals.delivered} exchanges recorded; reasons: {shadow} in shadow, {refused} enforced"
    if totals.lost:
        text += f"; {totals.lost} events lost"
    if totals.forgotten:
        text += f"; {totals.forgotten} older refusals no longer kept"
    if left_out:
        text += f"; {left_out} of `bartizan doctor` left out"
    whose = f" of `{rendering.plain(only)}`" if only else ""
    return text if lines else f"{text}: enforce would have refused nothing{whose}"


def _line(line: Line) -> str:
    where = f" at {line.place}" if line.place else ""
    expected = f": {line.expected}" if line.expected else ""
    head = f"  {line.count:>6}  {line.code}{where}{expected}"
    details = [
        _counts(line),
        f"by {rendering.counted(len(line.callers), 'caller')}, last `bartizan explain {line.ref}`",
    ]
    if line.setting:
        details.append(f"asked for by {line.setting.file}:{line.setting.line}")
    if line.refused_by_api and not line.taken_by_api and not line.is_settled:
        details.append("leave it: the API refused it itself, so no client loses by it")
    details.append(_change(line))
    return "\n".join([rendering.plain(head), *(f"          {detail}" for detail in details)])


def _counts(line: Line) -> str:
    """Shadowed and enforced apart; what would hurt honest clients apart from what would not."""
    parts = [f"{line.in_shadow} in shadow"] if line.in_shadow else []
    if line.taken_by_api or line.refused_by_api:
        parts[-1] += (
            f" (of those kept one by one, the API took {line.taken_by_api} "
            f"and refused {line.refused_by_api} itself)"
        )
    parts += [f"{line.refused} enforced"] if line.refused else []
    return ", ".join(parts)


def _change(line: Line) -> str:
    from bartizan.policy.edit import Offer

    if line.is_settled:
        return "admitted by the config of now: its change is in there"
    if not isinstance(line.change, Offer):
        return f"no change offered: {line.change.reason}"
    indented = "".join(f"\n            {row}" for row in line.change.yaml.splitlines())
    caution = f"\n            caution: {line.change.caution}" if line.change.caution else ""
    made = f"\n            to make it: {line.command}"
    return f"to let it pass, {line.change.title}:{indented}{caution}{made}"
