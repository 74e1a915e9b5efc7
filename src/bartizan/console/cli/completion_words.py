"""What can be completed: verbs, inner verbs, their flags and choices, read from the parsers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser


@dataclass(frozen=True, slots=True)
class Option:
    """One argument: its flags (none for a word by place), and what its value may be."""

    names: tuple[str, ...]
    choices: tuple[str, ...]
    takes_value: bool
    about: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb or an inner verb: what it does, its arguments, and the verbs inside it."""

    name: str
    about: str
    options: tuple[Option, ...]
    inner: tuple[Verb, ...] = field(default=())

    @property
    def flags(self) -> list[Option]:
        """Arguments that have a name."""
        return [one for one in self.options if one.names]

    @property
    def words(self) -> list[str]:
        """What words by place may be."""
        return [word for one in self.options if not one.names for word in one.choices]


def verbs() -> list[Verb]:
    """All of them, in the order of the overview."""
    from bartizan.console.cli import VERBS, flags_of

    return [
        _verb(name, about, flags_of(name, import_module(module)))
        for name, (module, about) in VERBS.items()
    ]


def _verb(name: str, about: str, flags: ArgumentParser) -> Verb:
    options: list[Option] = []
    inner: list[Verb] = []
    for action in flags._actions:  # noqa: SLF001 -- argparse offers no other way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 -- the same
            told = {one.dest: one.help or "" for one in action._choices_actions}  # noqa: SLF001 -- the same
            inner += [_verb(one, told[one], own) for one, own in action.choices.items()]
        else:
            options.append(_option(action))
    return Verb(name, about, tuple(options), tuple(inner))


def _option(action: argparse.Action) -> Option:
    return Option(
        names=tuple(action.option_strings),
        choices=tuple(str(one) for one in action.choices or ()),
        takes_value=action.nargs != 0,
        about=(action.help or "").split(";")[0],
    )
