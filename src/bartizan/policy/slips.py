"""Slips of the hand in YAML and JSON: which line a parser's complaint is really about.

Parsers notice a lost colon or quote one or more lines too late. Here small repairs are tried
around the place, and the first after which the text can be read names the line and the way out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINES_BACK = 3
SIZE_MAX = 1 << 20
"""Longer texts are not tried again and again: the parser's own place has to do."""
AT_MARGIN = "begin it in the first column"


@dataclass(frozen=True, slots=True)
class Slip:
    """What went wrong on one line, and what to write there. column, line: 1-based."""

    line: int
    column: int
    length: int
    message: str
    hint: str


def slip(text: str, line: int, repairs: Repairs, reads: Callable[[str], bool]) -> Slip | None:
    """The first repair at `line` or shortly before after which `reads` takes the text.

    Cost: some 40 more readings of the text at most, on the way to a fault only.
    """
    if len(text) > SIZE_MAX:
        return None
    lines = text.split("\n")
    last = min(line, len(lines))
    for number in range(last, max(last - LINES_BACK - 1, 0), -1):
        old = lines[number - 1]
        # A hand that indents by tabs does so on every line: each is told in its turn.
        rest = _untabbed(lines[number:]) if _is_tabbed(old) else lines[number:]
        for message, new in repairs(old, lines[: number - 1]):
            if reads("\n".join([*lines[: number - 1], *new, *rest])):
                return _slip(number, old, "\n".join(new), message)
    return None


def _is_tabbed(line: str) -> bool:
    return "\t" in line[: len(line) - len(line.lstrip(" \t"))]


def _untabbed(lines: list[str]) -> list[str]:
    """`lines` with two spaces for each tab that stands in an indentation."""
    return [
        line[: len(line) - len(body)].replace("\t", "  ") + body
        for line in lines
        for body in (line.lstrip(" \t"),)
    ]


Repair = tuple[str, list[str]]
if TYPE_CHECKING:
    Repairs = Callable[[str, list[str]], Iterator[Repair]]


def _slip(number: int, old: str, new: str, message: str) -> Slip:
    body = old.lstrip(" \t")
    indent = len(old) - len(body)
    if not new:
        return Slip(number, 1, max(len(old), 1), message, "take it out")
    if new.lstrip(" ") == body:
        depth = len(new) - len(body)
        way = f"indent it by {depth} spaces" if depth else AT_MARGIN
        return Slip(number, indent + 1, len(body), message, way)
    return Slip(number, indent + 1, max(len(body), 1), message, f"write `{new.lstrip(' ')}`")


# ---- YAML -----------------------------------------------------------------------------------

_NO_SPACE = re.compile(r"(\s*(?:- )?[\w$.-]+):(\S.*)")
_EQUALS = re.compile(r"(\s*(?:- )?[\w$.-]+)\s*=\s*(\S.*)")
_NO_COLON = re.compile(r"(\s*(?:- )?[\w$.-]+) +([^\s#].*)")
_VALUE = re.compile(r"(\s*(?:- )?(?:[\w$./{}-]+:\s+|- ))(\S.*?)\s*")
_PAIRS = {"[": "]", "{": "}"}
_OPENS = re.compile(r":\s*(?:#.*)?$")
_DASH = re.compile(r" *(?:- +)+")
_SPECIAL = re.compile(r"(?<=[\[,{ ])([*@%`][^\s,\]}]*)")


def yaml_repairs(line: str, before: list[str]) -> Iterator[Repair]:
    """Repairs of one line of YAML, the likeliest first."""
    body = line.lstrip(" \t")
    if not body and "\t" in line:
        yield "a tab stands on a line of its own", []
    if not body or body.startswith("#"):
        return
    if _is_tabbed(line):
        yield from _indented("a tab stands in the indentation", body, before)
    yield from _closed(line)
    yield from _colons(line)
    yield from _quoted(line)
    yield from _indented("the indentation fits no line above", body, before)
    if body == "---":
        yield "a second document begins here", []


def _closed(line: str) -> Iterator[Repair]:
    """Quotes and brackets that are opened and not closed."""
    for quote in ('"', "'"):
        if line.count(quote) % 2:
            end = ":" if line.rstrip().endswith(":") else ""
            yield (
                f"a `{quote}` is not closed",
                [f"{line.rstrip().removesuffix(':')}{quote}{end}"],
            )
    missing = ""
    for letter in line:
        if letter in _PAIRS:
            missing = _PAIRS[letter] + missing
        elif missing and letter == missing[0]:
            missing = missing[1:]
    if missing:
        blank = " " if missing[0] == "}" else ""
        yield f"a `{missing[0]}` is missing", [f"{line.rstrip()}{blank}{missing}"]


def _colons(line: str) -> Iterator[Repair]:
    for pattern, message in (
        (_EQUALS, "a key is followed by `:`, not `=`"),
        (_NO_SPACE, "a space is missing behind the colon"),
        (_NO_COLON, "a colon is missing behind the key"),
    ):
        if match := pattern.fullmatch(line):
            yield message, [f"{match[1]}: {match[2]}"]


def _quoted(line: str) -> Iterator[Repair]:
    match = _VALUE.fullmatch(line)
    if match and match[2][0] not in "\"'[{":
        value = match[2].replace("\\", "\\\\").replace('"', '\\"')
        yield "this text must be quoted", [f'{match[1]}"{value}"']
    if _SPECIAL.search(line):
        yield "this text must be quoted", [_SPECIAL.sub(r'"\1"', line)]


def _indented(message: str, body: str, before: list[str]) -> Iterator[Repair]:
    """As deep as one of the lines above, the nearest first, or one step deeper."""
    depths: dict[int, None] = {}
    for above in reversed(before[-12:]):
        if above.strip() and not above.lstrip().startswith("#"):
            depths.update(dict.fromkeys(_depths(above, is_item=body.startswith("- "))))
    for depth in depths:
        yield message, [" " * depth + body]


def _depths(above: str, *, is_item: bool) -> Iterator[int]:
    """How deep a line below `above` may begin. is_item: it is an item of a list."""
    depth = len(above) - len(above.lstrip(" "))
    dash = _DASH.match(above)
    inner = len(dash[0]) if dash and not is_item else depth
    if _OPENS.search(above):
        yield inner + 2
    yield from (inner, depth)


# ---- JSON -----------------------------------------------------------------------------------

_COMMENT = re.compile(r"\s*(//|#).*$")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_BARE_KEY = re.compile(r"([{,]\s*|^\s*)([A-Za-z_$][\w$]*)(\s*:)")


def json_repairs(line: str, _before: list[str]) -> Iterator[Repair]:
    """Repairs of one line of JSON, the likeliest first."""
    bare = line.rstrip()
    if not bare:
        return
    if bare.endswith(","):
        yield "the last member is followed by a comma", [bare[:-1]]
    else:
        yield "a comma is missing behind it", [f"{bare},"]
    if _COMMENT.search(line):
        yield "JSON has no comments", [_COMMENT.sub("", line)]
    for word, right in _PYTHON.items():
        if re.search(rf"\b{word}\b", line):
            yield f"`{word}` is not JSON", [re.sub(rf"\b{word}\b", right, line)]
    if "'" in line:
        yield "JSON wants double quotes", [line.replace("'", '"')]
    if _BARE_KEY.search(line):
        yield "a key must be quoted", [_BARE_KEY.sub(r'\1"\2"\3', line)]
    if line.count('"') % 2:
        end = "," if bare.endswith(",") else ""
        yield 'a `"` is not closed', [f'{bare.removesuffix(",")}"{end}']
    yield (
        "a colon is missing behind the key",
        [re.sub(r'("[^"]*")\s+(?=\S)', r"\1: ", line, count=1)],
    )
    for bracket in "}]":
        if bracket in line:
            yield f"a `{bracket}` is too much", [line.replace(bracket, "", 1)]
