"""`bartizan diff OLD NEW`: two configs or API documents compared in words, and by traffic."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import NOWHERE, with_upstream
from bartizan.console.cli.recorded import read_recording, say_unread
from bartizan.console.rendering import bold, counted, paint, plain
from bartizan.console.terminal import CLEAN, FOUND, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Built
    from bartizan.model.event import Event
    from bartizan.policy.diff import Change

_SHADES = {"looser": "\033[33m", "other": "", "tighter": "\033[32m"}


def declare(flags: ArgumentParser) -> None:
    """Flags of `diff`."""
    flags.add_argument("old", metavar="OLD", help="config or API document as it was")
    flags.add_argument("new", metavar="NEW", help="the same as it is now")
    flags.add_argument(
        "--against",
        metavar="FILE",
        help="captures or HAR: tells which of the requests would get another verdict",
    )
    flags.add_argument(
        "--host", action="append", default=[], help="of a HAR, only entries of this host"
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the differences; gives 1 when there is any."""
    from bartizan.policy.diff import diff

    kinds = [is_document(_file(name)) for name in (args.old, args.new)]
    if len(set(kinds)) > 1:
        hint = "compare two configs, or two API documents"
        raise Stopped("one of them is a config, the other an API document", hint=hint)
    of_document = kinds[0]
    old, new = (_built(name, terminal, of_document) for name in (args.old, args.new))
    changes = diff(old.compiled.form, new.compiled.form)
    flips = list(_flips(args, old, new, terminal)) if args.against else []
    if args.json:
        terminal.put_json(_data(changes, flips))
    else:
        terminal.put(text(changes, colour=terminal.is_colourful))
        if args.against:
            terminal.put(_flipped(flips))
    return FOUND if changes or flips else CLEAN


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise Stopped(f"`{name}` is no file")
    return path


def _built(name: str, terminal: Terminal, of_document: bool) -> Built:  # noqa: FBT001 -- of both alike
    """A config with its document, or a document under a config that only enforces."""
    from bartizan.policy.config import Overrides

    config: Path | None = Path(name)
    overrides = Overrides()
    if of_document:
        config, overrides = None, Overrides(upstream=NOWHERE, openapi=name, mode="enforce")
    chosen = wire.Chosen(config=config, overrides=overrides, environ=terminal.environ)
    return wire.build(with_upstream(chosen), terminal)


def is_document(path: Path) -> bool:
    """Whether the file is an API document, not a config."""
    data = _members(path)
    # A config names its document: `openapi: auto`, a file or a URL. A document names its version.
    is_version = re.match(r"[0-9]+\.[0-9]+", str(data.get("openapi", "")))
    return bool(is_version or {"swagger", "paths", "webhooks", "components"} & set(data))


def _members(path: Path) -> Mapping[str, object]:
    from bartizan.policy.document import read

    data = read(str(path), path.read_bytes()).data
    return data if isinstance(data, dict) else {}


def text(changes: Sequence[Change], *, colour: bool = False) -> str:
    """By Operation, what concerns all first; each with its way."""
    from bartizan.policy.diff import by_operation

    if not changes:
        return "no difference that could change a decision"
    blocks = []
    for operation, own in by_operation(list(changes)).items():
        head = bold(plain(operation or "everywhere"), on=colour)
        lines = [
            f"  {paint(_mark(one), _SHADES[one.effect], on=colour)} {plain(one.words)}"
            for one in own
        ]
        blocks.append("\n".join([head, *lines]))
    count = {
        way: sum(one.effect == way for one in changes) for way in ("tighter", "looser", "other")
    }
    total = ", ".join(f"{number} {way}" for way, number in count.items() if number)
    return "\n\n".join([*blocks, f"{counted(len(changes), 'difference')}: {total}"])


def _mark(change: Change) -> str:
    return {"looser": "looser ", "other": "changed", "tighter": "tighter"}[change.effect]


Flip = tuple[str, "Event", "Event"]


def _flips(args: Namespace, old: Built, new: Built, terminal: Terminal) -> Iterator[Flip]:
    """Captures that get another verdict, status or leading code."""
    from bartizan.policy.recordings import has_tokens

    recorded = read_recording(args.against, args.host)
    wants_keys = has_tokens(recorded.lines)
    seed, now = lifecycle.seed(), lifecycle.now_ms()
    unread: set[int] = set()
    before, after = (
        dict(
            wire.judged(
                wire.court(one, terminal, seed=seed, now_ms=now, wants_keys=wants_keys),
                recorded,
                unread.add,
            )
        )
        for one in (old, new)
    )
    say_unread(terminal, recorded, unread)
    for number in sorted(before.keys() & after.keys()):
        left, right = before[number], after[number]
        if _outcome(left) != _outcome(right):
            yield recorded.place(number), left, right


def _outcome(event: Event) -> tuple[str, str, int, str]:
    return event.verdict, event.enforcement, event.decided_status, _leading(event)


def _leading(event: Event) -> str:
    """The code that led, or nothing; that no API answers a replay is no reason."""
    counting = [one for one in event.reasons if one.counts and one.stage != "forward"]
    enforced = [one for one in counting if one.standing == "enforced"]
    return next((one.code for one in [*enforced, *counting]), "")


def _flipped(flips: Sequence[Flip]) -> str:
    lines = [
        f"{place}: {plain(left.method)} {plain(left.path)}: {_words(left)} -> {_words(right)}"
        for place, left, right in flips
    ]
    return "\n".join([*lines, f"{counted(len(flips), 'request')} would be decided otherwise"])


def _words(event: Event) -> str:
    code, where = _leading(event), " in shadow" if event.enforcement == "shadow" else ""
    return f"{event.verdict}{where} ({code})" if code else f"{event.verdict}{where}"


def _data(changes: Sequence[Change], flips: Sequence[Flip]) -> dict[str, object]:
    return {
        "differences": [
            {"operation": one.operation, "words": one.words, "effect": one.effect}
            for one in changes
        ],
        "requests": [
            {
                "place": place,
                "method": left.method,
                "path": left.path,
                "old": {"verdict": left.verdict, "codes": [one.code for one in left.reasons]},
                "new": {"verdict": right.verdict, "codes": [one.code for one in right.reasons]},
            }
            for place, left, right in flips
        ],
    }
