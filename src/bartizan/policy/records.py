"""Records: config mappings with named keys, declared once on a frozen dataclass.

The same declaration gives validation, JSON Schema, the effective dump and the reference page.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from bartizan.policy.instead import flow
from bartizan.policy.kinds import JsonSchema, Kind, texts
from bartizan.policy.reading import INVALID, Invalid, Reading, below
from bartizan.policy.suggest import hint, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

S = TypeVar("S")
_KEY = "bartizan"
REQUIRED = object()
"""Default of a key that must be written."""


@dataclass(frozen=True, slots=True)
class Key:
    """One config key. about: one sentence for people. example: a value as written in YAML.

    unless: the key beside which a required one need not be written.
    """

    kind: Kind
    about: str
    example: object
    default: object
    unless: str = ""


def key(
    kind: Kind, about: str, *, example: object, default: object = REQUIRED, unless: str = ""
) -> Any:
    """A dataclass field that is a config key; empty where a required one is not written."""
    metadata = {_KEY: Key(kind, about, example, default, unless)}
    if unless:
        return dataclasses.field(default="", metadata=metadata)
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: default, metadata=metadata)
    return dataclasses.field(default=None if default is REQUIRED else default, metadata=metadata)


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field, key)
)
def settings(record: type[S]) -> type[S]:
    """A frozen, slotted, keyword-only dataclass without `==` and `repr`.

    Nobody compares or prints whole records, and making the two methods for each costs start-up.
    """
    return dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)(record)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Settings:
    """What every record knows of itself.

    pointer: its place in the config; given: keys written; written_in: 0 is the config, others
    are documents of the Policy.
    """

    pointer: str = ""
    given: frozenset[str] = frozenset()
    written_in: int = 0

    def check(self, reading: Reading) -> None:
        """Report faults that concern several keys; each key alone is sound."""


_TABLES: dict[type[Settings], Mapping[str, Key]] = {}


def keys_of(record: type[Settings]) -> Mapping[str, Key]:
    """The config keys of a record, in the order of its declaration."""
    table = _TABLES.get(record)
    if table is None:
        fields = dataclasses.fields(record)
        table = {one.name: one.metadata[_KEY] for one in fields if _KEY in one.metadata}
        _TABLES[record] = table
    return table


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping read into `record`, whose own `check` is called when each key is sound."""

    record: type[Settings]

    def read(self, value: object, at: str, reading: Reading) -> Settings | Invalid:
        """The record; INVALID if a key is unknown, missing or wrong."""
        if not isinstance(value, dict):
            return reading.wrong(at, "a mapping", value)
        table = keys_of(self.record)
        unknown = self._refuse_unknown(value, at, table, reading)
        # A missing key that is there misspelt has been told.
        meant = {nearest(name, table) for name in unknown} if unknown else set()
        sound = not unknown
        read: dict[str, object] = {}
        for name, one in value.items():
            if name in table:
                read[name] = self._value(table[name], one, below(at, name), reading)
        for name, spec in table.items():
            is_there = name in value or name in meant or spec.unless in value
            if spec.default is REQUIRED and not is_there:
                message = f"`{name}` is missing"
                reading.report(
                    at,
                    "config.missing-key",
                    message,
                    hint=f"add `{name}: {flow(spec.example)}`",
                    value=False,
                )
                sound = False
        if not sound or INVALID in read.values():
            return INVALID
        made = self.record(**read, pointer=at, given=frozenset(read), written_in=reading.index)
        return made if self._passes_check(made, reading) else INVALID

    def _refuse_unknown(
        self, value: Mapping[str, object], at: str, table: Mapping[str, Key], reading: Reading
    ) -> list[str]:
        unknown = [name for name in value if name not in table]
        holds_secrets = any(getattr(spec.kind, "hidden", False) for spec in table.values())
        for name in unknown:
            if holds_secrets:
                reading.secrets.extend(texts(value[name]))
            where = (
                f" in `{at.removeprefix('/').replace('/', '.').replace('~1', '/')}`" if at else ""
            )
            message = f"unknown key `{name}`{where}"
            free = [key for key in table if key not in value]
            way = hint(name, free)
            way = way if way.startswith("did you mean") else f"{way}; or take it out"
            reading.report(below(at, name), "config.unknown-key", message, hint=way, value=False)
        return unknown

    @staticmethod
    def _value(spec: Key, value: object, at: str, reading: Reading) -> object:
        """The value; a fault without a way out gets the example of its key."""
        before = len(reading.diagnostics)
        read = spec.kind.read(value, at, reading)
        fresh = reading.diagnostics[before:]
        is_plain = not isinstance(value, dict | list) and not getattr(spec.kind, "hidden", False)
        if len(fresh) == 1 and not fresh[0].hint and is_plain and read is INVALID:
            example = f"for example `{flow(spec.example)}`"
            reading.diagnostics[-1] = dataclasses.replace(fresh[0], hint=example)
        return read

    def _passes_check(self, made: Settings, reading: Reading) -> bool:
        before = len(reading.diagnostics)
        made.check(reading)
        return len(reading.diagnostics) == before

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A reference to its definition."""
        name = self.record.__name__
        if name not in defs:
            defs[name] = {}
            defs[name] = self._definition(defs)
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        properties: dict[str, object] = {}
        required: list[str] = []
        either: list[JsonSchema] = []
        for name, spec in keys_of(self.record).items():
            properties[name] = {
                **spec.kind.schema(defs),
                "description": spec.about,
                "examples": [spec.example],
            }
            if spec.default is REQUIRED and not spec.unless:
                required.append(name)
            elif spec.default is REQUIRED:
                either = [{"required": [name]}, {"required": [spec.unless]}]
        doc = (self.record.__doc__ or "").strip().split("\n", 1)[0]
        whole: JsonSchema = {
            "type": "object",
            "description": doc,
            "properties": properties,
            "additionalProperties": False,
        }
        if required:
            whole["required"] = required
        if either:
            whole["anyOf"] = either
        return whole


def json_schema(root: Record, title: str) -> JsonSchema:
    """The whole schema, JSON Schema 2020-12."""
    defs: dict[str, JsonSchema] = {}
    top = root.schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **top,
        "$defs": defs,
    }
