"""`bartizan completion SHELL`: a script that completes verbs, flags and choices."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.console.terminal import CLEAN

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from bartizan.console.terminal import Terminal

SHELLS = ("bash", "fish", "zsh")


def declare(flags: ArgumentParser) -> None:
    """Flags of `completion`."""
    flags.add_argument(
        "shell", choices=SHELLS, help='bash: add `eval "$(bartizan completion bash)"` to ~/.bashrc'
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the script; with `--json` the words it is made of."""
    words = {verb: list(_options(verb)) for verb in _verbs()}
    if args.json:
        data = {
            verb: [{"flags": one.names, "choices": one.choices} for one in own]
            for verb, own in words.items()
        }
        terminal.put_json(data)
        return CLEAN
    script = {"bash": _bash, "fish": _fish, "zsh": _zsh}[args.shell](words)
    terminal.put(script.rstrip("\n"))
    return CLEAN


class Option:
    """One argument: its flags (none for a word by place), and what its value may be."""

    def __init__(self, action: argparse.Action) -> None:
        """Read from the parser."""
        self.names = list(action.option_strings)
        self.choices = [str(one) for one in action.choices or ()]
        self.takes_value = action.nargs != 0
        self.about = (action.help or "").split(";")[0]


def _verbs() -> dict[str, str]:
    from bartizan.console.cli import VERBS

    return {verb: summary for verb, (_module, summary) in VERBS.items()}


def _options(verb: str) -> Iterator[Option]:
    from bartizan.console.cli import VERBS, flags_of

    flags = flags_of(verb, import_module(VERBS[verb][0]))
    for action in flags._actions:  # noqa: SLF001 -- argparse offers no other way to list them
        yield Option(action)


def _bash(words: dict[str, list[Option]]) -> str:
    verbs = " ".join(words)
    cases = []
    for verb, own in words.items():
        flags = " ".join(name for one in own for name in one.names)
        plain = " ".join(word for one in own if not one.names for word in one.choices)
        values = "".join(
            f"        {'|'.join(one.names)}) words='{' '.join(one.choices)}' ;;\n"
            for one in own
            if one.names and one.takes_value and one.choices
        )
        others = "|".join(
            name for one in own if one.names and one.takes_value and not one.choices
            for name in one.names
        )  # fmt: skip
        files = f"        {others}) words='' ;;\n" if others else ""
        cases.append(
            f"    {verb})\n      case $before in\n{values}{files}"
            f"        *) words='{plain}'; [[ $now == -* ]] && words='{flags}' ;;\n"
            "      esac ;;\n"
        )
    return f"""\
# bartizan: completion for bash
_bartizan() {{
  local now=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=''
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{verbs} --help --version' -- "$now"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{"".join(cases)}  esac
  COMPREPLY=($(compgen -W "$words" -- "$now"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 && $now != -* ]]; then
    compopt -o default 2>/dev/null
  fi
}}
complete -F _bartizan bartizan
"""


def _zsh(words: dict[str, list[Option]]) -> str:
    """Through bash's own function: zsh knows how to read it."""
    return f"""\
#compdef bartizan
# bartizan: completion for zsh
autoload -U +X compinit && compinit -u
autoload -U +X bashcompinit && bashcompinit
{_bash(words)}"""


def _fish(words: dict[str, list[Option]]) -> str:
    lines = ["# bartizan: completion for fish", "complete -c bartizan -f -n __fish_use_subcommand"]
    for verb, about in _verbs().items():
        lines.append(f"complete -c bartizan -n __fish_use_subcommand -a {verb} -d {_quoted(about)}")
    for verb, own in words.items():
        seen = f"-n '__fish_seen_subcommand_from {verb}'"
        for one in own:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in one.names
            )
            choices = f" -x -a {_quoted(' '.join(one.choices))}" if one.choices else ""
            takes = " -r" if one.takes_value and one.names and not one.choices else ""
            if names or choices:
                about = f" -d {_quoted(one.about)}" if one.about else ""
                lines.append(f"complete -c bartizan {seen} {names}{choices}{takes}{about}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
