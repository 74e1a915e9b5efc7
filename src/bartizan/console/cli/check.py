"""`bartizan check`: config and API document, checked as the gateway would load them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import formats, wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.rendering import counted, diagnostics, extent
from bartizan.console.terminal import CLEAN, FOUND, USAGE
from bartizan.model.errors import Fault
from bartizan.model.listed import quoted
from bartizan.policy.open_bodies import open_bodies

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Built
    from bartizan.model.errors import Diagnostic
    from bartizan.policy.compile import Compiled, CompiledOperation


SHOWN_MAX = 8
"""Operations named of each class; `--json` and `dump` name all."""


def declare(flags: ArgumentParser) -> None:
    """Flags of `check`."""
    declare_overrides(flags)
    flags.add_argument(
        "--output-format",
        choices=formats.FORMATS,
        default="text",
        help="how faults are written: for people, as JSON, as SARIF 2.1.0, for GitHub workflows",
    )
    flags.add_argument(
        "--fix", action="store_true", help="mend what is safe to mend; shows the change first"
    )
    flags.add_argument(
        "--against",
        metavar="FILE",
        help="captures or HAR: also tells where the document forbids what its API takes or sends",
    )
    flags.add_argument(
        "--host", action="append", default=[], help="of a HAR, only entries of this host"
    )
    flags.add_argument("--yes", action="store_true", help="with --fix: write without asking")


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints what is wrong; 1 when operations cannot be checked, 2 when it would not load."""
    chosen = chosen_of(args, terminal)
    try:
        built = wire.build(chosen, terminal)
        found: Sequence[Diagnostic] = built.compiled.warnings
        at_odds = _against(args, built, terminal) if args.against else []
        status = FOUND if built.compiled.unrepresentable or at_odds else CLEAN
        found = [*found, *at_odds]
    except Fault as fault:
        built, found, status = None, fault.diagnostics, USAGE
    if args.fix:
        from bartizan.console.cli.fix import fix

        return fix(found, terminal, agrees=args.yes, status=status)
    style = "json" if args.json else args.output_format
    _STYLES[style](found, built, terminal)
    return status


def _against(args: Namespace, built: Built, terminal: Terminal) -> list[Diagnostic]:
    """Where recorded traffic and the document disagree."""
    from bartizan.console import lifecycle
    from bartizan.console.cli.recorded import read_recording, say_unread
    from bartizan.policy.against import contradictions, watching
    from bartizan.policy.recordings import has_tokens

    recorded = read_recording(args.against, args.host)
    court = wire.court(
        built,
        terminal,
        seed=lifecycle.seed(),
        now_ms=lifecycle.now_ms(),
        wants_keys=has_tokens(recorded.lines),
    )
    court = replace(court, form=watching(court.form))
    unread: list[int] = []
    events = (event for _number, event in wire.judged(court, recorded, unread.append))
    found = list(contradictions(built.compiled, events))
    say_unread(terminal, recorded, unread)
    return found


def _text(found: Sequence[Diagnostic], built: Built | None, terminal: Terminal) -> None:
    if found:
        terminal.say(diagnostics(found, colour=terminal.talk_is_colourful))
    if built is not None:
        compiled = built.compiled
        lost = {one.operation for one in compiled.unrepresentable}
        for one in _apis(built) if built.config.apis else ():
            terminal.put(
                "{name}: {operations} at {at}, from {openapi}, to {upstream}".format(**one)
            )
        for line in (*_classes(compiled), *_open(compiled)):
            terminal.put(line)
        terminal.put(_summary(compiled.operations, len(lost), compiled.hash))


def _json(found: Sequence[Diagnostic], built: Built | None, terminal: Terminal) -> None:
    data: dict[str, object] = {"ok": False}
    if built is not None:
        compiled = built.compiled
        lost = {one.operation for one in compiled.unrepresentable}
        data = {
            "ok": not lost,
            "policy": compiled.hash,
            "openapi": built.openapi,
            "apis": _apis(built),
            "operations": len(compiled.operations),
            "unrepresentable": sorted(lost),
            "labels": _labels(compiled),
            "open_bodies": open_bodies(json.loads(compiled.form)),
        }
    terminal.put_json({**data, "diagnostics": formats.as_data(found)})


def _sarif(found: Sequence[Diagnostic], _built: Built | None, terminal: Terminal) -> None:
    terminal.put_json(formats.sarif(found, Path.cwd()))


def _github(found: Sequence[Diagnostic], built: Built | None, terminal: Terminal) -> None:
    if found:
        terminal.put(formats.github(found, Path.cwd()))
    _text((), built, terminal)


_STYLES = {"text": _text, "json": _json, "sarif": _sarif, "github": _github}


def _apis(built: Built) -> list[dict[str, str]]:
    """Each API: its name, how many operations it has, where it stands and what is behind it."""
    placed = [one.id.partition(" ")[0].rpartition(":")[0] for one in built.compiled.operations]
    return [
        {
            "name": part.api.name,
            "operations": counted(placed.count(part.api.name), "operation"),
            "at": f"{' '.join(part.api.hosts) or 'any host'}, {part.api.prefix or '/'}",
            "openapi": part.description.library.location,
            "upstream": part.api.upstream,
        }
        for part in built.compiled.site.parts
    ]


def _labels(compiled: Compiled) -> list[dict[str, object]]:
    """Operations with an owner, an exposure or classified data: whom to ask, and about what."""
    return [
        {
            "operation": one,
            "owner": own.owner,
            "exposure": own.exposure,
            "data": [
                {"field": value.field, "class": value.word, "file": place.file, "line": place.line}
                for value in own.classified
                for place in (compiled.locate(*value.spot),)
            ],
        }
        for one, own in compiled.labels.items()
        if own.owner or own.exposure or own.classified
    ]


def _open(compiled: Compiled) -> Iterator[str]:
    """Which operations take members that nobody declared, and what closes them."""
    if operations := open_bodies(json.loads(compiled.form)):
        way = "`closed_body: true` refuses members that no schema names"
        yield f"open bodies: {quoted(operations, SHOWN_MAX)}; {way}"


def _classes(compiled: Compiled) -> Iterator[str]:
    """Which operations carry which class; the milder ones are of no concern here."""
    from bartizan.policy.labels import by_class

    for word, operations in by_class(compiled.labels).items():
        if word not in ("secret", "personal"):
            continue
        yield f"{word} data: {quoted(operations, SHOWN_MAX)}"


def _summary(operations: Sequence[CompiledOperation], unrepresentable: int, policy: str) -> str:
    lost = f", {unrepresentable} of them cannot be checked" if unrepresentable else ""
    return f"{extent(operations)}{lost}; policy {policy[:16]}"
