"""`bartizan completion SHELL`: a script that completes verbs, inner verbs, flags and choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.terminal import CLEAN

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.cli.completion_words import Verb
    from bartizan.console.terminal import Terminal

SHELLS = ("bash", "fish", "zsh")


def declare(flags: ArgumentParser) -> None:
    """Flags of `completion`."""
    flags.add_argument(
        "shell", choices=SHELLS, help='as in `eval "$(bartizan completion bash)"` in ~/.bashrc'
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the script; with `--json` the words it is made of."""
    from bartizan.console.cli import completion_scripts as scripts
    from bartizan.console.cli.completion_words import verbs

    words = verbs()
    if args.json:
        terminal.put_json({one.name: _data(one) for one in words})
        return CLEAN
    script = {"bash": scripts.bash, "fish": scripts.fish, "zsh": scripts.zsh}[args.shell](words)
    terminal.put(script.rstrip("\n"))
    return CLEAN


def _data(verb: Verb) -> object:
    own = [{"flags": one.names, "choices": one.choices} for one in verb.options]
    return {one.name: _data(one) for one in verb.inner} if verb.inner else own
