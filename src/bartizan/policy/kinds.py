"""Kinds: how each sort of config value is read, and how JSON Schema describes it; one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType, Protocol

from bartizan.model.secret import Secret
from bartizan.policy import instead
from bartizan.policy.interpolate import Interpolated
from bartizan.policy.reading import INVALID, Invalid, Reading, below, named, show

if TYPE_CHECKING:
    from collections.abc import Mapping

Milliseconds = NewType("Milliseconds", int)
JsonSchema = dict[str, object]

FILLED: JsonSchema = {"type": "string", "pattern": r"\$\{"}
"""Any value may be written as an expression."""


class Kind(Protocol):
    """One sort of value."""

    def read(self, value: object, at: str, reading: Reading) -> object:
        """The typed value, or `INVALID` after `reading.report`."""

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """JSON Schema 2020-12 of what may be written; records go to `defs`."""


def plain(value: object) -> object:
    """A filled-in text as the scalar it spells; everything else as it is."""
    if not isinstance(value, Interpolated):
        return value
    from bartizan.policy.yaml import scalar

    try:
        return scalar(str(value))
    except ValueError:
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A text. pattern: what it must match as a whole; wanted: that in words.

    hidden: what does not match may be a secret in the wrong place, so it is not shown.
    """

    wanted: str = "a text"
    pattern: str = ""
    hidden: bool = False

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """As written; numbers are not taken for texts."""
        if not isinstance(value, str) or (
            self.pattern and re.fullmatch(self.pattern, value) is None
        ):
            if self.hidden:
                reading.secrets.extend(texts(value))
            meant = instead.text(value, self.pattern)
            return reading.wrong(at, self.wanted, value, secret=self.hidden, instead=meant)
        return str(value)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        if not self.pattern:
            return {"type": "string"}
        return {
            "type": "string",
            "anyOf": [{"pattern": f"^(?:{self.pattern})$"}, {"pattern": r"\$\{"}],
        }


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value, as it is."""

    def read(self, value: object, at: str, reading: Reading) -> object:
        """The value."""
        del at, reading
        return value

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """No bounds."""
        del defs
        return {}


def texts(value: object) -> list[str]:
    """Every text inside a value, for a line to be held against."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in texts(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in texts(inner)]
    return [str(value)] if isinstance(value, str) and value else []


@dataclass(frozen=True, slots=True)
class SecretText:
    """A text that is never shown: not in messages, dumps, logs."""

    hidden: bool = True

    def read(self, value: object, at: str, reading: Reading) -> Secret | Invalid:
        """A Secret; written in plain it is taken, with a warning."""
        if not isinstance(value, str) or not value:
            reading.secrets.extend(texts(value))
            return reading.wrong(at, "a text from `${file:path}` or `${VAR}`", value, secret=True)
        reading.secrets.append(str(value))
        if not isinstance(value, Interpolated):
            hint = "keep it in a file of its own: `${file:path}`"
            reading.report(
                at,
                "config.plain-secret",
                "a secret stands in the config in plain",
                hint=hint,
                warning=True,
            )
        return Secret(str(value))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, value: object, at: str, reading: Reading) -> bool | Invalid:
        """Only `true` and `false`: `yes`, `no`, `on` are texts in YAML 1.2."""
        value = plain(value)
        if isinstance(value, bool):
            return value
        return reading.wrong(at, "`true` or `false`", value, instead=instead.flag(value))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A boolean."""
        del defs
        return {"anyOf": [{"type": "boolean"}, FILLED]}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from least to most."""

    least: int = 0
    most: int = 2**32 - 1

    def read(self, value: object, at: str, reading: Reading) -> int | Invalid:
        """An int; booleans are not numbers."""
        number = plain(value)
        if (
            isinstance(number, bool)
            or not isinstance(number, int)
            or not self.least <= number <= self.most
        ):
            wanted = f"a whole number from {self.least} to {self.most}"
            meant = instead.whole(value, self.least, self.most)
            return reading.wrong(at, wanted, value, instead=meant)
        return number

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """An integer."""
        del defs
        return {"anyOf": [{"type": "integer", "minimum": self.least, "maximum": self.most}, FILLED]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """The word; a near miss is told."""
        if isinstance(value, str) and value in self.words:
            return str(value)
        from bartizan.policy.suggest import hint

        word = value if isinstance(value, str) and not isinstance(value, Interpolated) else ""
        message = f"`{named(at)}` cannot be {show(value)}"
        return reading.report(at, "config.unknown-word", message, hint=hint(word, self.words))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """An enum."""
        del defs
        return {"anyOf": [{"enum": list(self.words)}, FILLED]}


_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"([0-9]{1,9})\s*(ms|s|min|m|h|d)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A time span with its unit: `500ms`, `5s`, `10min`, `1h`, `30d`."""

    least_ms: int = 1
    most_ms: int = 365 * 86_400_000
    example: str = "5s"

    def read(self, value: object, at: str, reading: Reading) -> Milliseconds | Invalid:
        """Milliseconds."""
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        wanted = f"a time with its unit, as in `{self.example}`"
        if match is None:
            return reading.wrong(at, wanted, value, instead=self._meant(value))
        span = int(match.group(1)) * _UNITS_MS[match.group(2)]
        if not self.least_ms <= span <= self.most_ms:
            bound = self.least_ms if span < self.least_ms else self.most_ms
            wanted = f"{shown_ms(self.least_ms)} to {shown_ms(self.most_ms)}"
            return reading.wrong(at, f"{wanted}, as in `{shown_ms(bound)}`", value)
        return Milliseconds(span)

    @staticmethod
    def _meant(value: object) -> str:
        meant = instead.duration(value)
        return meant if _DURATION.fullmatch(meant) else ""

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string with its unit."""
        del defs
        return {"type": "string", "pattern": r"^[0-9]{1,9}\s*(ms|s|min|m|h|d)$|\$\{"}


def shown_ms(span: int) -> str:
    """Milliseconds as people write them: `5s`, `250ms`."""
    for unit in ("d", "h", "min", "s"):
        if span and span % _UNITS_MS[unit] == 0:
            return f"{span // _UNITS_MS[unit]}{unit}"
    return f"{span}ms"


_WINDOWS_MS = {
    **dict.fromkeys(("s", "sec", "second"), 1_000),
    **dict.fromkeys(("m", "min", "minute"), 60_000),
    **dict.fromkeys(("h", "hour"), 3_600_000),
    **dict.fromkeys(("d", "day"), 86_400_000),
}
_RATE = re.compile(r"([1-9][0-9]{0,8})\s*/\s*([1-9][0-9]{0,3})?\s*([a-z]+)")


@dataclass(frozen=True, slots=True)
class Rate:
    """count requests in window_ms."""

    count: int
    window_ms: int

    def __str__(self) -> str:
        """As it is written: `100/min`."""
        window = shown_ms(self.window_ms)
        return f"{self.count}/{window.removeprefix('1') if window[1:2].isalpha() else window}"


@dataclass(frozen=True, slots=True)
class RateText:
    """A rate: `100/min`, `10/s`, `5/15min`."""

    def read(self, value: object, at: str, reading: Reading) -> Rate | Invalid:
        """The rate."""
        match = _RATE.fullmatch(value) if isinstance(value, str) else None
        unit = _WINDOWS_MS.get(match.group(3)) if match else None
        if match is None or unit is None:
            wanted = "a rate, as in `100/min`, `10/s` or `5/15min`"
            return reading.wrong(at, wanted, value, instead=instead.rate(value))
        return Rate(int(match.group(1)), int(match.group(2) or 1) * unit)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string with a slash."""
        del defs
        units = "|".join(_WINDOWS_MS)
        return {"type": "string", "pattern": rf"^[1-9][0-9]*\s*/\s*[0-9]*\s*({units})$|\$\{{"}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind. single: one item may stand alone; least: fewest items."""

    item: Kind
    single: bool = False
    least: int = 0

    def read(self, value: object, at: str, reading: Reading) -> tuple[object, ...] | Invalid:
        """Every sound item; INVALID if one is not."""
        if not isinstance(value, list):
            if not self.single or value is None:
                meant = "" if isinstance(value, dict) or value is None else f"[{value}]"
                return reading.wrong(at, "a list", value, instead=meant)
            alone = self.item.read(value, at, reading)
            return INVALID if alone is INVALID else (alone,)
        items = [self.item.read(one, below(at, index), reading) for index, one in enumerate(value)]
        if len(items) < self.least:
            return reading.wrong(at, f"a list of {self.least} or more", value)
        return INVALID if INVALID in items else tuple(items)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """An array, or one item where that may stand alone."""
        item = self.item.schema(defs)
        whole: JsonSchema = {"type": "array", "items": item}
        if self.least:
            whole["minItems"] = self.least
        return {"anyOf": [item, whole]} if self.single else whole


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping. key: what its keys must match, in words `wanted`; words: all allowed keys."""

    item: Kind
    pattern: str = ""
    wanted: str = "a name"
    words: tuple[str, ...] = ()
    lower: bool = False

    def read(self, value: object, at: str, reading: Reading) -> Mapping[str, object] | Invalid:
        """Every sound member; INVALID if one is not."""
        if not isinstance(value, dict):
            return reading.wrong(at, "a mapping", value)
        read: dict[str, object] = {}
        for key, one in value.items():
            place = below(at, key)
            if not self._allows(key, place, reading):
                read[key] = INVALID
                continue
            read[key.lower() if self.lower else key] = self.item.read(one, place, reading)
        return INVALID if INVALID in read.values() else read

    def _meant(self, key: str) -> str:
        if key.startswith("/"):
            return f"for example `GET {key}`"
        example = re.search(r"as in (`[^`]+`)", self.wanted)
        return f"for example {example[1]}" if example else ""

    def _allows(self, key: str, at: str, reading: Reading) -> bool:
        if self.words and key not in self.words:
            from bartizan.policy.suggest import hint

            reading.report(
                at,
                "config.unknown-key",
                f"unknown key `{key}`",
                hint=hint(key, self.words),
                value=False,
            )
            return False
        if self.pattern and re.fullmatch(self.pattern, key) is None:
            message = f"`{key}` must be {self.wanted}"
            reading.report(at, "config.wrong-key", message, hint=self._meant(key), value=False)
            return False
        return True

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """An object."""
        item = self.item.schema(defs)
        if self.words:
            return {
                "type": "object",
                "properties": dict.fromkeys(self.words, item),
                "additionalProperties": False,
            }
        whole: JsonSchema = {"type": "object", "additionalProperties": item}
        if self.pattern:
            whole["propertyNames"] = {"pattern": f"^(?:{self.pattern})$"}
        return whole
