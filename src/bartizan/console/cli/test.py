"""`bartizan test`: runs the `tests:` of the config; a failing one is told at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import chosen_of, declare_policy
from bartizan.console.rendering import counted, paint, plain
from bartizan.console.terminal import CLEAN, FOUND, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.policy.cases import Tried

_GREEN, _RED = "\033[32m", "\033[31m"


def declare(flags: ArgumentParser) -> None:
    """Flags of `test`."""
    declare_policy(flags)
    flags.add_argument(
        "--output-format",
        choices=("text", "json", "junit"),
        default="text",
        help="how results are written: for people, as JSON, as JUnit XML",
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints each test; gives 1 when one fails."""
    from bartizan.policy.cases import tried

    built = wire.build(chosen_of(args, terminal), terminal)
    cases = built.config.tests
    if not cases:
        raise Stopped(
            "the config has no `tests:`",
            hint="write `tests: [{ request: GET /orders, expect: challenge }]`",
        )
    has_token = any(name.lower() == "authorization" for case in cases for name in case.headers)
    court = wire.court(
        built, terminal, seed=lifecycle.seed(), now_ms=lifecycle.now_ms(), wants_keys=has_token
    )
    found = list(tried(built.config, court))
    style = "json" if args.json else args.output_format
    if style == "json":
        terminal.put_json(_data(found))
    elif style == "junit":
        terminal.put(junit(found))
    else:
        terminal.put("\n".join(_line(one, colour=terminal.is_colourful) for one in found))
    failed = sum(not one.has_passed for one in found)
    terminal.say(f"{counted(len(found), 'test')}, {failed} failed")
    return FOUND if failed else CLEAN


def _line(one: Tried, *, colour: bool) -> str:
    if one.has_passed:
        return f"{paint('ok  ', _GREEN, on=colour)} {plain(one.name)}"
    return f"{paint('FAIL', _RED, on=colour)} {plain(one.name)}: {one.differs}\n  --> {one.place}"


def _data(found: Sequence[Tried]) -> dict[str, object]:
    return {
        "ok": all(one.has_passed for one in found),
        "tests": [
            {
                "name": one.name,
                "passed": one.has_passed,
                "differs": one.differs,
                "verdict": one.event.verdict,
                "codes": [reason.code for reason in one.event.reasons],
                "file": one.place.file,
                "line": one.place.line,
            }
            for one in found
        ],
    }


def junit(found: Sequence[Tried]) -> str:
    """JUnit XML, as CI systems read it."""
    failed = sum(not one.has_passed for one in found)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuite name="bartizan" tests="{len(found)}" failures="{failed}">')
    for one in found:
        place = f'file={_attribute(one.place.file)} line="{one.place.line}"'
        head = f'  <testcase classname="policy" name={_attribute(one.name)} {place}'
        if one.has_passed:
            lines.append(f"{head}/>")
        else:
            lines.append(f"{head}><failure message={_attribute(one.differs)}/></testcase>")
    return "\n".join([*lines, "</testsuite>"])


def _attribute(text: str) -> str:
    return quoteattr(plain(text))
