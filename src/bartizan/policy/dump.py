"""The effective config: every value, and the line, flag or variable it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.model.secret import MASK, Secret
from bartizan.policy.kinds import Duration, Rate, shown_ms
from bartizan.policy.overlay_entries import Overlay, as_written
from bartizan.policy.pointer import MISSING, follow
from bartizan.policy.reading import below
from bartizan.policy.records import Settings, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.policy.compile import Compiled
    from bartizan.policy.config import Config
    from bartizan.policy.records import Key

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value. path: `auth.issuers[0].skew`. value: as YAML would write it.

    origin: `file:line`, a flag, a variable, or `default`.
    """

    path: str
    value: str
    origin: str


def dump(config: Config) -> tuple[Setting, ...]:
    """Every key of the config in the order of declaration; secrets are masked. Cost: O(keys)."""
    return tuple(_record(config, config, "", config.pointer))


def dump_marks(compiled: Compiled) -> tuple[Setting, ...]:
    """Every `x-bartizan-` word of the documents that is in force, by Operation, with its line."""
    return tuple(
        Setting(
            f"operations[{json.dumps(one, ensure_ascii=False)}].{mark.word}"
            + (f"[{json.dumps(mark.field, ensure_ascii=False)}]" if mark.field else ""),
            json.dumps(mark.value, ensure_ascii=False),
            f"{place.file}:{place.line}",
        )
        for one, own in compiled.labels.items()
        for mark in own.marks
        for place in (compiled.locate(*mark.spot),)
    )


def _record(config: Config, record: Settings, path: str, at: str) -> Iterator[Setting]:
    for name, spec in keys_of(type(record)).items():
        inner = f"{path}.{name}" if path else name
        yield from _value(config, getattr(record, name), inner, below(at, name), spec)


def _value(config: Config, value: object, path: str, at: str, spec: Key) -> Iterator[Setting]:
    if isinstance(value, Settings):
        yield from _record(config, value, path, value.pointer or at)
    elif isinstance(value, tuple) and value and all(isinstance(one, Settings) for one in value):
        for index, one in enumerate(value):
            yield from _record(config, one, f"{path}[{index}]", one.pointer)
    elif (
        isinstance(value, dict)
        and value
        and all(isinstance(one, Settings) for one in value.values())
    ):
        for key, one in value.items():
            yield from _record(config, one, f"{path}[{json.dumps(key)}]", one.pointer)
    else:
        yield Setting(path, _shown(config, value, at, spec), origin(config, at))


def origin(config: Config, at: str) -> str:
    """`file:line`, a flag, a variable, or `default` where nothing sets the value at `at`."""
    place = config.locate(at)
    if not place.line and place.file != DEFAULT:
        return place.file
    if config.document is None or follow(config.document.data, at) is MISSING:
        return DEFAULT
    return f"{place.file}:{place.line}"


def _shown(config: Config, value: object, at: str, spec: Key) -> str:
    written = follow(config.document.data, at) if config.document else MISSING
    if isinstance(value, Secret) or (isinstance(written, str) and "${file:" in written):
        return MASK
    if isinstance(spec.kind, Duration) and isinstance(value, int):
        return shown_ms(value)
    if value is None:
        return "null"
    if isinstance(value, Rate):
        return str(value)
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        mapping: Mapping[str, object] = value
        return {key: str(one) for key, one in mapping.items()}
    if isinstance(value, tuple) and any(isinstance(one, Overlay) for one in value):
        return as_written(value)
    return list(value) if isinstance(value, tuple) else value
