"""Offers as data, an edit of the config each: where, how, what; shown as YAML or applied alike."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bartizan.policy.pointer import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.event import Reason

Path = tuple[str | int, ...]
Config = dict[str, object]


MARK = "FILL IN"
UNWRITTEN = f"{MARK} why this is honest traffic"
"""Stands in an offer for what only its owner knows."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One edit. append: `value` joins the list at `path`; set: it takes the place of what is there.

    title: lower case, no full stop, says what is given up. caution: what it opens, to weigh first;
    empty where it opens nothing much.
    """

    title: str
    path: Path
    action: Literal["append", "set"]
    value: object
    caution: str = ""

    @property
    def yaml(self) -> str:
        """The edit as YAML to paste, from the top of the config. Ends with a line end."""
        # A step into a list that exists cannot be pasted; it is shown by its number.
        return "\n".join(block(self.path, self.action, self.value)) + "\n"

    def as_data(self) -> dict[str, object]:
        """For `--json`: title, YAML and caution for people, path, action and value for machines."""
        caution = {"caution": self.caution} if self.caution else {}
        return {
            "title": self.title,
            "yaml": self.yaml,
            "path": list(self.path),
            "action": self.action,
            "value": self.value,
            **caution,
        }


@dataclass(frozen=True, slots=True)
class NotOffered:
    """No edit of the config is the answer, and why."""

    reason: str


def apply_offer(config: Mapping[str, object], change: Offer) -> Config:
    """The config with the edit made; `config` itself is left alone.

    A list that is missing is made, a single value becomes a list. Raises KeyError when a list
    position of the path does not exist.
    """
    root = copy.deepcopy(dict(config))
    spot: object = root
    for step in change.path[:-1]:
        spot = _step(spot, step)
    last = change.path[-1]
    old = _at(spot, last)
    if change.action == "append":
        listed = old if isinstance(old, list) else [] if old is None else [old]
        _put(spot, last, listed if change.value in listed else [*listed, change.value])
    else:
        _put(spot, last, change.value)
    return root


def stands(config: Mapping[str, object], change: Offer) -> bool:
    """Whether the config holds the change already; an exception also where its reason differs."""
    found = resolve(config, change.path)
    if change.action == "set":
        return found == change.value
    listed = found if isinstance(found, list) else [found]
    return any(_bare(one) == _bare(change.value) for one in listed)


def _bare(value: object) -> object:
    """A list item without the words for people."""
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if name != "reason"}


# ---- places ----------------------------------------------------------------------------------


def _pointer(pointer: str) -> Path:
    return tuple(int(token) if token.isdigit() else token for token in tokens(pointer))


def where(config: Mapping[str, object], reason: Reason) -> Path | None:
    """The path in the config that the reason names, as the file writes it; None if it is not there.

    A list of one may be written without its brackets: the position is left out then.
    """
    if reason.document != 0:
        return None
    path: Path = ()
    for step in _pointer(reason.source):
        if step != 0 or isinstance(resolve(config, path), list):
            path = (*path, step)
    return path


def resolve(config: object, path: Path) -> object:
    """What stands at this path; None where nothing does."""
    for step in path:
        config = _at(config, step)
    return config


def _at(spot: object, step: str | int) -> object:
    if isinstance(spot, dict):
        return spot.get(step, spot.get(str(step)))
    if isinstance(spot, list) and isinstance(step, int) and step < len(spot):
        return spot[step]
    return None


def _step(spot: object, step: str | int) -> object:
    inner = _at(spot, step)
    if inner is None and isinstance(spot, dict):
        inner = spot[step] = {}
    if not isinstance(inner, dict | list):
        raise KeyError(step)
    return inner


def _put(spot: object, step: str | int, value: object) -> None:
    if not isinstance(spot, dict | list):
        raise KeyError(step)
    spot[step] = value  # type: ignore[index]


def block(path: Path, action: str, value: object, depth: int = 0) -> list[str]:
    """The lines of an edit in block style, from the place that `path` starts at."""
    pad = "  " * depth
    if path:
        key = f"# item {path[0]} of this list" if isinstance(path[0], int) else scalar(path[0])
        if len(path) == 1 and action == "set" and not isinstance(value, dict):
            return [f"{pad}{key}: {scalar(value)}"]
        mark = "" if isinstance(path[0], int) else ":"
        return [f"{pad}{key}{mark}", *block(path[1:], action, value, depth + 1)]
    if action == "append":
        return _item(value, pad)
    entries = value.items() if isinstance(value, dict) else ()
    return [f"{pad}{scalar(name)}: {scalar(inner)}" for name, inner in entries]


def _item(value: object, pad: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{pad}- {scalar(value)}"]
    marks = ["- ", *["  "] * (len(value) - 1)]
    return [f"{pad}{m}{k}: {scalar(v)}" for m, (k, v) in zip(marks, value.items(), strict=True)]


# Plain text that YAML reads as itself.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/]*(?: [A-Za-z0-9_.\-/]+)*|\d+/[a-z]+")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def scalar(value: object) -> str:
    """A value on one line."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    return json.dumps(value, ensure_ascii=False)
