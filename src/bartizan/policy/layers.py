"""Layers of a config: the file, `BARTIZAN_A__B` variables, flags; expressions filled in."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document, read
from bartizan.policy.interpolate import Interpolated, InterpolationError, interpolate
from bartizan.policy.kinds import ListOf
from bartizan.policy.pointer import tokens
from bartizan.policy.reading import INVALID, Reading, below
from bartizan.policy.records import Record, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.policy.kinds import Kind

PREFIX = "BARTIZAN_"
_TELLING = re.compile(r"pepper|secret|password|token|://[^/\s]*@", re.IGNORECASE)


def read_layers(
    path: Path | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    root: Record,
    named: Mapping[str, str] | None = None,
) -> tuple[Reading, object]:
    """The typed record and the Reading that made it.

    named: what a value among `flags` came from, where that is not the flag of its name.

    Raises Fault with every Diagnostic, in order of place.
    """
    document = _document(path) if path is not None else None
    origins: dict[str, str] = {}
    reading = reading_of(document, origins)
    data = _mapping(document, reading)
    layers = Layers(data, origins, reading)
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX):
            layers.variable(name, value, root)
    for flag, given in flags.items():
        if given is not None:
            written = Interpolated(str(given), str(given))
            origin = (named or {}).get(flag, f"--{flag.replace('_', '-')}")
            layers.set(f"/{flag}", written, origin)
    filled = _fill(data, "", environ, reading)
    read_value = root.read(filled, "", reading)
    if reading.diagnostics or read_value is INVALID:
        raise Fault(_in_order(reading))
    reading.warnings[:] = [_without_secrets(one, reading.secrets) for one in reading.warnings]
    return reading, read_value


def reading_of(document: Document | None, origins: Mapping[str, str]) -> Reading:
    """A Reading of a config that came from `document` and `origins`."""
    base = Path(document.name).parent if document else Path()
    return Reading(document=document, base=base, origins=origins)


def _document(path: Path) -> Document:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "not readable").lower()
        hint = "`bartizan init` writes one" if isinstance(error, FileNotFoundError) else ""
        message = f"config `{path}` cannot be read: {reason}"
        raise Fault(
            [Diagnostic(code="config.unreadable", message=message, file=str(path), hint=hint)]
        ) from None
    try:
        return read(str(path), raw)
    except Fault as fault:
        if fault.code == "document.empty":
            return Document(str(path), "", {})
        raise Fault([_without_telling(one) for one in fault.diagnostics]) from None


def _mapping(document: Document | None, reading: Reading) -> dict[str, object]:
    data = document.data if document else {}
    if data is None:
        data = {}
    if not isinstance(data, dict):
        reading.report("", "config.wrong-value", "a config is a mapping of keys")
        raise Fault(reading.diagnostics)
    return dict(data)


def _fill(value: object, at: str, environ: Mapping[str, str], reading: Reading) -> object:
    """A copy of `value` with every expression filled in. One unset variable, one fault."""
    if isinstance(value, dict):
        return {key: _fill(one, below(at, key), environ, reading) for key, one in value.items()}
    if isinstance(value, list):
        return [_fill(one, below(at, index), environ, reading) for index, one in enumerate(value)]
    if not isinstance(value, str) or isinstance(value, Interpolated):
        return value
    try:
        return interpolate(value, environ, reading.base)
    except InterpolationError as error:
        reading.report(at, error.code, error.message, hint=error.hint)
        reading.unfilled.add(at)
        return ""


class Layers:
    """Sets single values over the data of the file, and keeps who set them."""

    def __init__(self, data: dict[str, object], origins: dict[str, str], reading: Reading) -> None:
        """Work on `data` in place, which is a copy at its top level."""
        self._data = data
        self._origins = origins
        self._reading = reading

    def variable(self, name: str, value: str, root: Record) -> None:
        """Set what `BARTIZAN_A__B` names. No key: left alone unless it looks like one."""
        parts = name.removeprefix(PREFIX).lower().split("__")
        pointer = _pointer(parts, root)
        if pointer is not None:
            self.set(pointer, self._parsed(name, value), f"environment {name}")
        elif parts[0] in keys_of(root.record) or len(parts) > 1:
            message = f"variable `{name}` names no key"
            self._reading.diagnostics.append(
                Diagnostic(
                    code="config.unknown-key", message=message, hint=_variable_hint(parts, root)
                )
            )
        else:
            self._warn_of_slip(name, parts[0], root)

    def _warn_of_slip(self, name: str, word: str, root: Record) -> None:
        from bartizan.policy.suggest import nearest

        near = nearest(word, keys_of(root.record))
        if near is not None:
            hint = f"did you mean `{PREFIX}{near.upper()}`?"
            message = f"variable `{name}` names no key and has no effect"
            self._reading.warnings.append(
                Diagnostic(
                    code="config.unknown-key", message=message, hint=hint, severity="warning"
                )
            )

    def _parsed(self, name: str, value: str) -> object:
        if value[:1] not in ("[", "{"):
            return Interpolated(value, f"${{{name}}}")
        from bartizan.policy import yaml

        return yaml.parse(value, f"environment {name}")

    def set(self, pointer: str, value: object, origin: str) -> None:
        """Put `value` at `pointer`; mappings and lists on the way are copied or made."""
        steps = tokens(pointer)
        holder: dict[str, object] | list[object] = self._data
        for step, following in pairwise(steps):
            inner = _inner(holder, step)
            copied: dict[str, object] | list[object]
            if isinstance(inner, dict):
                copied = dict(inner)
            elif isinstance(inner, list):
                copied = list(inner)
            else:
                copied = [] if following.isdecimal() else {}
            _put(holder, step, copied)
            holder = copied
        _put(holder, steps[-1], value)
        self._origins[pointer] = origin


def _inner(holder: dict[str, object] | list[object], step: str) -> object:
    if isinstance(holder, dict):
        return holder.get(step)
    return holder[int(step)] if int(step) < len(holder) else None


def _put(holder: dict[str, object] | list[object], step: str, value: object) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif int(step) < len(holder):
        holder[int(step)] = value
    else:
        holder.append(value)


def _pointer(parts: list[str], root: Record) -> str | None:
    """The pointer that the words of a variable name spell, or None."""
    kind: Kind = root
    steps: list[str] = []
    for part in parts:
        if isinstance(kind, ListOf) and part.isdecimal():
            kind = kind.item
        elif (
            isinstance(kind, ListOf)
            and kind.single
            and isinstance(kind.item, Record)
            and part in keys_of(kind.item.record)
        ):
            kind = keys_of(kind.item.record)[part].kind
        elif isinstance(kind, Record) and part in keys_of(kind.record):
            kind = keys_of(kind.record)[part].kind
        else:
            return None
        steps.append(part)
    return "".join(f"/{step}" for step in steps)


def _variable_hint(parts: list[str], root: Record) -> str:
    from bartizan.policy.suggest import hint

    for length in range(len(parts) - 1, -1, -1):
        table = _table(parts[:length], root)
        if table:
            return hint(parts[length], table)
    return ""


def _table(parts: list[str], root: Record) -> Mapping[str, object]:
    kind: Kind | None = root
    for part in parts:
        if isinstance(kind, ListOf) and not part.isdecimal():
            kind = kind.item
        if isinstance(kind, Record):
            spec = keys_of(kind.record).get(part)
            kind = spec.kind if spec else None
        else:
            kind = kind.item if isinstance(kind, ListOf) else None
    if isinstance(kind, ListOf):
        kind = kind.item
    return keys_of(kind.record) if isinstance(kind, Record) else {}


def _in_order(reading: Reading) -> Iterator[Diagnostic]:
    ordered = sorted(reading.diagnostics, key=lambda one: (one.line, one.column))
    return (_without_secrets(one, reading.secrets) for one in ordered)


def _without_secrets(one: Diagnostic, secrets: list[str]) -> Diagnostic:
    """Without its line where a secret stands on it."""
    if any(secret in one.snippet for secret in secrets) or (secrets and one.is_cut):
        return dataclasses.replace(one, snippet="")
    return one


def _without_telling(one: Diagnostic) -> Diagnostic:
    """A text that is not even YAML may hold a secret anywhere on its line."""
    if one.is_cut or _TELLING.search(f"{one.snippet} {one.hint}"):
        return dataclasses.replace(one, snippet="", hint="")
    return one
