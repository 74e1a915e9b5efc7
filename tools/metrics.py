"""The page of metrics, out of the source that writes them.

A journey holds the page against a scrape of a running gateway, both ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEAD = """# Metrics

`GET /metrics` on the admin address, in the Prometheus text format. Labels are path templates, known
methods and fixed words: never a raw path, a caller or a value.

| metric | type | labels | what it is |
| --- | --- | --- | --- |
"""
# The row of a counter in the table of `counters.rs`: name, type, help.
COUNTER = re.compile(r'^ *\w+ "(bartizan_\w+)" "(counter|gauge)" "([^"]+)";', re.MULTILINE)
# A call of `heading` or `gauge`: its name may stand in a constant of its own.
CALL = re.compile(
    r'\b(?:heading|gauge)\(\s*(?:&mut )?out,\s*(?:"(?P<name>\w+)"|name),\s*'
    r'"(?P<kind>counter|gauge|histogram)",\s*"(?P<help>[^"]+)"',
)
NAMED = re.compile(r'let name = "(\w+)";')
LABELS = re.compile(r"(\w+)=\\\"")
SAMPLE = r'"{name}\{{\{{(.*?)\}}\}}'


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


def metrics(source: Path) -> list[Metric]:
    """Every family that the Rust files below `source` write, by name."""
    found: dict[str, Metric] = {}
    for file in sorted(source.rglob("*.rs")):
        text = file.read_text(encoding="utf-8").partition("#[cfg(test)]")[0]
        for name, kind, words in COUNTER.findall(text):
            found[name] = Metric(name, kind, words)
        for match in CALL.finditer(text):
            name = match["name"] or NAMED.findall(text[: match.start()])[-1]
            found[name] = Metric(name, match["kind"], match["help"], labels(text, name))
    return sorted(found.values(), key=lambda one: one.name)


def labels(text: str, name: str) -> tuple[str, ...]:
    """Label names of the samples that the source writes for a family."""
    sample = re.search(SAMPLE.format(name=name), text)
    if sample is None and f'let name = "{name}";' in text:
        sample = re.search(r'let labels = format!\(\s*"(.*?)",\n', text)
    return tuple(LABELS.findall(sample[1])) if sample else ()


def page(source: Path) -> str:
    """The page as Markdown."""
    return HEAD + "".join(map(_row, metrics(source)))


def _row(one: Metric) -> str:
    shown = ", ".join(f"`{label}`" for label in one.labels)
    return f"| `{one.name}` | {one.kind} | {shown} | {one.help} |\n"
