"""JSON to plain Python data by the C parser, equal keys refused; lines found only when shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import NoReturn

from bartizan.model.diagnostics import excerpt
from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.pointer import tokens

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


def parse(text: str, file: str) -> object:
    """The data of `text`.

    Raises Fault: "json.syntax", "json.duplicate-key", "json.number", "json.too-deep".
    Cost: O(len(text)), nearly all of it in C.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_not_finite)
    except json.JSONDecodeError as error:
        raise _syntax(text, file, error) from None
    except _DuplicateError as error:
        place = _second(text, error.key)
        message = f"key `{error.key}` stands twice in one object"
        told = _fault(text, file, "json.duplicate-key", message, place).diagnostics[0]
        raise Fault([replace(told, hint="take it out")]) from None
    except RecursionError:
        raise _fault(text, file, "json.too-deep", "nested too deep", (0, 0)) from None
    except ValueError as error:
        raise _fault(text, file, "json.number", str(error)[:100], (0, 0)) from None


def _syntax(text: str, file: str, error: json.JSONDecodeError) -> Fault:
    from bartizan.policy.slips import json_repairs, slip

    found = slip(text, error.lineno, json_repairs, _is_json)
    if found is None:
        return _fault(
            text, file, "json.syntax", _first_lower(error.msg), (error.lineno, error.colno)
        )
    told = _fault(text, file, "json.syntax", found.message, (found.line, found.column))
    one = replace(told.diagnostics[0], length=found.length, hint=found.hint)
    return Fault([one])


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _DuplicateError(Exception):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    built = dict(pairs)
    if len(built) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateError(key)
            seen.add(key)
    return built


def _not_finite(name: str) -> NoReturn:
    message = f"`{name}` is not a JSON number"
    raise ValueError(message)


def _first_lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _fault(text: str, file: str, code: str, message: str, place: tuple[int, int]) -> Fault:
    line, column = place
    lines = text.splitlines()
    snippet, cut = excerpt(lines[line - 1] if 0 < line <= len(lines) else "", column)
    one = Diagnostic(
        code=code, message=message, file=file, line=line, column=column, snippet=snippet, cut=cut
    )
    return Fault([one])


def _place(text: str, at: int) -> tuple[int, int]:
    line = text.count("\n", 0, at) + 1
    return (line, at - (text.rfind("\n", 0, at) + 1) + 1)


def _second(text: str, key: str) -> tuple[int, int]:
    """Where `key` stands for the second time in one object. Cost: O(len(text))."""
    stack: list[dict[str, int]] = []
    expects_key = False
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]', text, re.DOTALL):
        token = match.group()
        if token == "{":
            stack.append({})
            expects_key = True
        elif token == "[":
            stack.append({"": -1})
            expects_key = False
        elif token in "]}":
            stack.pop()
            expects_key = False
        elif token == ",":
            expects_key = "" not in stack[-1] or stack[-1][""] != -1
        elif token != ":" and expects_key:
            name = json.loads(token, strict=False)
            if name == key and name in stack[-1]:
                return _place(text, match.start())
            stack[-1][name] = match.start()
            expects_key = False
    return (0, 0)


def find(text: str, pointer: str, *, value: bool = False) -> tuple[int, int]:
    """1-based line and column of the key that `pointer` ends with, or of its value.

    text: what `parse` has accepted. Falls back to the nearest ancestor that exists.
    Cost: O(len(text)) at worst.
    """
    at = _after_space(text, 0)
    place = at
    for token in tokens(pointer):
        step = _step(text, at, token)
        if step is None:
            break
        key_at, at = step
        place = at if value else key_at
    return _place(text, place)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _step(text: str, at: int, token: str) -> tuple[int, int] | None:
    """Start of the key (for items, of the item) and of the value below `at`."""
    if text.startswith("{", at):
        return _member(text, at, token)
    if text.startswith("[", at) and token.isdecimal():
        return _item(text, at, int(token))
    return None


def _member(text: str, at: int, token: str) -> tuple[int, int] | None:
    at = _after_space(text, at + 1)
    while (match := _STRING.match(text, at)) is not None:
        value_at = _after_space(text, _after_space(text, match.end()) + 1)
        if json.loads(match.group(), strict=False) == token:
            return (at, value_at)
        at = _after_space(text, _end(text, value_at))
        if not text.startswith(",", at):
            return None
        at = _after_space(text, at + 1)
    return None


def _item(text: str, at: int, index: int) -> tuple[int, int] | None:
    at = _after_space(text, at + 1)
    if text.startswith("]", at):
        return None
    for _ in range(index):
        at = _after_space(text, _end(text, at))
        if not text.startswith(",", at):
            return None
        at = _after_space(text, at + 1)
    return (at, at)


def _end(text: str, at: int) -> int:
    """Behind the value that begins at `at`; the C parser is quicker than a search for the end."""
    return _DECODER.raw_decode(text, at)[1]
