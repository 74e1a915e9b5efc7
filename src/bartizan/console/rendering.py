"""The one renderer: diagnostics, explanations and tables as text for people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.model.errors import Diagnostic
    from bartizan.policy.compile import CompiledOperation
    from bartizan.policy.explain import Explanation, Field, Value

_RED, _YELLOW, _BLUE = "\033[31m", "\033[33m", "\033[34m"
_DIM, _BOLD, _OFF = "\033[2m", "\033[1m", "\033[0m"


def paint(text: str, colour: str, *, on: bool) -> str:
    """`text` in a colour, if colours are on."""
    return f"{colour}{text}{_OFF}" if on else text


def bold(text: str, *, on: bool) -> str:
    """`text` in bold, if colours are on."""
    return paint(text, _BOLD, on=on)


def counted(number: int, word: str) -> str:
    """`1 time`, `2 times`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def extent(operations: Sequence[CompiledOperation]) -> str:
    """`5 operations, 2 public paths`: those of the documents, and those of `public:`."""
    public = len({one.template for one in operations if one.document == 0})
    declared = counted(sum(one.document != 0 for one in operations), "operation")
    return f"{declared}, {counted(public, 'public path')}" if public else declared


def plain(text: str) -> str:
    """`text` with control characters written out: nothing from outside steers the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def diagnostic(item: Diagnostic, *, colour: bool = False) -> str:
    """One diagnostic: code and message, place, line with a mark below it, hint."""
    if not colour:
        return "\n".join(map(plain, item.render().split("\n")))
    head, *rest = item.render().split("\n")
    tag, _, message = head.partition(": ")
    shade = _RED if item.severity == "error" else _YELLOW
    lines = [f"{paint(tag, shade, on=True)}: {plain(message)}"]
    lines += [paint(plain(line), _BLUE if "-->" in line else "", on="-->" in line) for line in rest]
    return "\n".join(lines)


def diagnostics(items: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """Several, with an empty line between."""
    return "\n\n".join(diagnostic(item, colour=colour) for item in items)


_TITLES = {
    "decision": "Decision",
    "rule": "Rule",
    "setting": "Asked for by",
    "place": "Field",
    "why": "Why",
    "without": "Without it",
    "caller": "Caller",
    "choices": "Choices",
}


def explanation(item: Explanation, *, colour: bool = False) -> str:
    """The eight fields, one block each, and how many of them apply; one line where all was fine."""
    if fine := _nothing_against(item):
        return fine
    blocks = [_field(number, own, colour=colour) for number, own in enumerate(item.fields, 1)]
    count = f"{item.present} of 8 fields, {item.not_applicable} not applicable"
    return "\n".join([*blocks, paint(count, _DIM, on=colour)])


def _nothing_against(item: Explanation) -> str:
    """The line of a Request that nothing stands against; empty for any other."""
    decision, *others = item.fields
    empty = {own.reason for own in others if own.value is None}
    told = [own.value for own in others if own.value is not None]
    if decision.value is None or len(empty) != 1 or len(told) > 1:
        return ""
    caller = told[0] if told else {}
    who = f" by {plain(str(caller['principal']))}" if "principal" in caller else ""
    value = decision.value
    status = f", status {value['status']}" if "status" in value else ""
    request = plain(str(value.get("request", "")))
    return f"{value['verdict']}: {request}{who}{status}: {empty.pop()}"


def _field(number: int, own: Field, *, colour: bool) -> str:
    title = bold(f"{number} {_TITLES[own.name]}", on=colour)
    if own.value is None:
        return f"{title}\n    not applicable: {own.reason}"
    body = _BODIES.get(own.name, _pairs)(own.value)
    return "\n".join([title, *(f"    {line}" for line in body)])


def _pairs(value: Value) -> list[str]:
    width = max(map(len, value))
    return [f"{name.replace('_', ' '):<{width}}  {_short(inner)}" for name, inner in value.items()]


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return "-" if value is None else plain(str(value))


def _decision(value: Value) -> list[str]:
    shown = {"time" if name == "time_ms" else name: inner for name, inner in value.items()}
    if isinstance(moment := shown.get("time"), int):
        shown["time"] = f"{datetime.fromtimestamp(moment // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return _pairs(shown)


def _setting(value: Value) -> list[str]:
    place = f"{value['file']}:{value['line']}" if value["line"] else str(value["file"])
    return [place, f"| {plain(str(value['text']).strip())}"] if value["text"] else [place]


def _choices(value: Value) -> list[str]:
    lines: list[str] = []
    for letter, name in zip("abcd", value, strict=False):
        choice = value[name]
        if not isinstance(choice, dict):
            lines.append(f"{letter}) {choice}")
        elif "yaml" in choice:
            lines += [f"{letter}) {choice['title']}:", *_indented(str(choice["yaml"]))]
            lines += [f"     caution: {choice['caution']}"] if "caution" in choice else []
            lines += [f"     to make it: {choice['command']}"] if "command" in choice else []
        else:
            lines.append(f"{letter}) no exception: {choice['not_applicable']}")
    return lines


def _indented(text: str) -> list[str]:
    return [f"     {line}" for line in text.splitlines()]


def _place(value: Value) -> list[str]:
    """The field, then one line for each other reason: its field, value and what is allowed."""
    others = value.get("also")
    lines = _pairs({name: one for name, one in value.items() if name != "also"})
    for one in others if isinstance(others, list) else ():
        shown = f" = {one['value']}" if "value" in one else ""
        allowed = f"; expected {one['expected']}" if "expected" in one else ""
        told = f"also {one['rule']} at {one.get('field', 'the exchange')}{shown}{allowed}"
        lines.append(plain(told))
    return lines


_BODIES = {"place": _place, "decision": _decision, "setting": _setting, "choices": _choices}


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, colour: bool = False) -> str:
    """Columns as wide as their longest cell; numbers to the right."""
    if not rows:
        return ""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]
    lines = [
        "  ".join(_cell(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(head), *cells]
    ]
    lines[0] = bold(lines[0], on=colour)
    return "\n".join(lines)


def _cell(text: str, width: int) -> str:
    return text.rjust(width) if text.replace(",", "").isdigit() else text.ljust(width)
