"""JSON Schema and reference page of the config, made from the same table of keys that validates it.

`python -m bartizan.policy.schema` prints `schema/config.schema.json`.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bartizan.policy.config import ROOT
from bartizan.policy.kinds import Duration, ListOf, MapOf, shown_ms
from bartizan.policy.records import REQUIRED, Record, Settings, json_schema, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.policy.kinds import Kind
    from bartizan.policy.records import Key


def text() -> str:
    """The whole schema as the file holds it."""
    return json.dumps(json_schema(ROOT, "bartizan.yaml"), indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """Every key in Markdown tables, one table a record, the root first."""
    return "\n".join(_tables(ROOT, "bartizan.yaml", set()))


def _tables(record: Record, title: str, seen: set[type[Settings]]) -> Iterator[str]:
    if record.record in seen:
        return
    seen.add(record.record)
    doc = (record.record.__doc__ or "").strip()
    yield f"## `{title}`\n\n{doc}\n\n| key | meaning | default | example |\n|---|---|---|---|"
    inner: list[tuple[str, Record]] = []
    for name, spec in keys_of(record.record).items():
        default = "required" if spec.default is REQUIRED else f"`{_default(spec)}`"
        yield f"| `{name}` | {spec.about} | {default} | `{_shown(spec.example)}` |"
        nested = _record_in(spec.kind)
        if nested is not None:
            inner.append((name, nested))
    yield ""
    for name, nested in inner:
        yield from _tables(nested, name if title == "bartizan.yaml" else f"{title}.{name}", seen)


def _record_in(kind: Kind) -> Record | None:
    while isinstance(kind, ListOf | MapOf):
        kind = kind.item
    return kind if isinstance(kind, Record) else None


def _default(spec: Key) -> str:
    """As it would be written: a time with its unit."""
    if isinstance(spec.kind, Duration) and isinstance(spec.default, int):
        return _shown(shown_ms(spec.default))
    return _shown(spec.default)


def _shown(value: object) -> str:
    if isinstance(value, Settings):
        return "{}"
    return json.dumps(
        list(value) if isinstance(value, tuple) else value, ensure_ascii=False
    ).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference() if "--reference" in sys.argv else text())
