"""The page of the command line: every verb, flag and exit status, out of the parsers themselves."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.console.cli import FOUND_WHEN, VERBS, flags_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """# Command line

`bartizan VERB [flags]`; `bartizan VERB --help` explains one. Data goes to standard output, talk and
progress to standard error. `--json` is there on every verb. Colours only for a terminal, and not
with `NO_COLOR` set. An unknown verb or flag is refused with a suggestion.

## Exit status

| status | meaning |
| --- | --- |
| 0 | clean |
| 1 | findings: something was refused, differs or does not hold; each verb says what |
| 2 | usage: a wrong flag, or a config or document that would not load |
| 3 | broken: something that is needed could not be reached |
"""


def page() -> str:
    """The page as Markdown."""
    return HEAD + "".join(_verb(name) for name in sorted(VERBS))


def _verb(name: str) -> str:
    module, summary = VERBS[name]
    flags = flags_of(name, import_module(module))
    lines = [f"\n## {name}\n", f"{summary[0].upper()}{summary[1:]}."]
    if name in FOUND_WHEN:
        lines[-1] += f" Status 1 {FOUND_WHEN[name]}."
    rows = list(_rows(flags, ""))
    if rows:
        lines += ["\n| argument | meaning |", "| --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def _rows(flags: argparse.ArgumentParser, before: str) -> Iterator[str]:
    """A row for each argument; those of an inner verb come with its name before them."""
    own = flags._actions  # noqa: SLF001 -- argparse offers no other way to list them
    for action in sorted(own, key=lambda one: bool(one.option_strings)):
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- as above
            told = {choice.dest: choice.help for choice in action._choices_actions}  # noqa: SLF001
            for word, inner in action.choices.items():
                yield _row(f"{before}{word}", told.get(word) or "")
                yield from _rows(inner, f"{before}{word} ")
        elif action.dest not in ("help", "json"):
            yield _row(before + _written(action), _meaning(action))


def _row(argument: str, meaning: str) -> str:
    return f"| `{argument}` | {meaning} |".replace("\\", "\\\\")


def _written(action: argparse.Action) -> str:
    """`--listen HOST:PORT`, `FILE`."""
    value = ""
    if action.nargs != 0:
        shown = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        value = f"[{shown}]" if action.nargs == "?" and not action.option_strings else shown
    return " ".join(part for part in (", ".join(action.option_strings), value) if part)


def _meaning(action: argparse.Action) -> str:
    text = (action.help or "").replace("|", "\\|")
    if action.choices is not None:
        text += f" ({', '.join(map(str, action.choices))})"
    is_told = action.default not in (None, False, "", argparse.SUPPRESS, 0, [])
    return f"{text}; `{action.default}` unless given" if is_told else text
