"""What mends a problem of an API document, told from what stands at its place.

One function for each sort of place; none reads the words of the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy.instead import flow
from bartizan.policy.pointer import MISSING, escape, follow, tokens
from bartizan.policy.suggest import nearest

if TYPE_CHECKING:
    from bartizan.policy.document import Document

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
PLACES = ("cookie", "header", "path", "query")
STYLES = ("deepObject", "form", "label", "matrix", "pipeDelimited", "simple", "spaceDelimited")
SCHEME_TYPES = ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
_COUNTS = ("Items", "Length", "Properties", "imum", "multipleOf", "Contains")
_TYPE_WORDS = {
    "int": "integer", "long": "integer", "float": "number", "double": "number",
    "decimal": "number", "str": "string", "text": "string", "uuid": "string", "date": "string",
    "file": "string", "bool": "boolean", "dict": "object", "map": "object", "list": "array",
    "None": "null",
}  # fmt: skip
_MEDIA_WORDS = {
    "json": "application/json", "xml": "application/xml", "text": "text/plain",
    "form": "application/x-www-form-urlencoded", "multipart": "multipart/form-data",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to write. pointer: the place of it; at_value: in place of the value, not the key."""

    hint: str
    pointer: str
    at_value: bool = False


def remedy(document: Document, pointer: str) -> Remedy | None:
    """What mends the problem at `pointer`; None where nothing can be told."""
    steps = tokens(pointer)
    node = follow(document.data, pointer)
    last = steps[-1] if steps else ""
    told = _word(last, node, pointer) or _place(document.data, steps, node, pointer)
    return told or _path(steps)


def _word(last: str, node: object, pointer: str) -> Remedy | None:
    """By the keyword that the pointer ends with."""
    if last == "type":
        return _type(node, pointer)
    if last in ("style", "in") and isinstance(node, str):
        return _choice(node, STYLES if last == "style" else PLACES, pointer)
    if last in ("additionalProperties", "nullable", "uniqueItems") and isinstance(node, str):
        word = {"no": "false", "false": "false"}.get(node.lower(), "true")
        return Remedy(f"write `{word}`, without quotes", pointer, at_value=True)
    if last.endswith(_COUNTS) and not isinstance(node, dict | list):
        return _number(node, pointer)
    if last == "pattern" and isinstance(node, str):
        return Remedy("take it out, or close every bracket that it opens", pointer)
    if last in ("required", "enum"):
        return _listed(last, node, pointer)
    return None


def _type(node: object, pointer: str) -> Remedy | None:
    names = node if isinstance(node, list) else [node]
    for index, name in enumerate(names):
        at = f"{pointer}/{index}" if isinstance(node, list) else pointer
        if name is None:
            return Remedy('write `"null"`', at, at_value=True)
        if isinstance(name, str) and name not in TYPES:
            meant = _TYPE_WORDS.get(name) or nearest(name, TYPES)
            return Remedy(f"did you mean `{meant}`?", at, at_value=True) if meant else None
    return None


def _choice(node: str, words: tuple[str, ...], pointer: str) -> Remedy:
    meant = nearest(node, words)
    if meant:
        return Remedy(f"did you mean `{meant}`?", pointer, at_value=True)
    listed = ", ".join(f"`{word}`" for word in words)
    return Remedy(f"allowed: {listed}", pointer, at_value=True)


def _number(node: object, pointer: str) -> Remedy:
    text = str(node)
    if re.fullmatch(r"\d+(\.\d+)?", text) and isinstance(node, str):
        return Remedy(f"write `{text}`, without quotes", pointer, at_value=True)
    return Remedy("take it out, or write a number from 0", pointer)


def _listed(word: str, node: object, pointer: str) -> Remedy | None:
    if isinstance(node, list) and node:
        unique = list(dict.fromkeys(str(one) for one in node))
        return Remedy("name each once", pointer) if len(unique) < len(node) else None
    if isinstance(node, str):
        return Remedy(f"write `[{flow(node)}]`", pointer, at_value=True)
    if word == "required":
        return Remedy("take it out: `required` is a list of names beside `properties`", pointer)
    return Remedy("take it out", pointer)


def _place(data: object, steps: list[str], node: object, pointer: str) -> Remedy | None:
    """By where in the document the pointer leads."""
    if steps[-1:] == ["$ref"] and isinstance(node, str):
        meant = reference(data, node)
        return Remedy(f"did you mean `{meant}`?", pointer, at_value=True) if meant else None
    if len(steps) > 2 and steps[-3] == "security":  # noqa: PLR2004 -- list, item, scheme
        return _scheme(data, steps[-1], node, pointer)
    if steps[-2:-1] == ["responses"]:
        return _status(steps[-1], pointer)
    if steps[-2:-1] == ["content"]:
        return _media(steps[-1], pointer)
    if steps[-2:-1] == ["parameters"] and isinstance(node, dict):
        return _parameter(node, pointer)
    if steps[-2:-1] == ["securitySchemes"] and isinstance(node, dict):
        return _scheme_kind(node, pointer)
    return None


def _scheme(data: object, name: str, node: object, pointer: str) -> Remedy | None:
    declared = follow(data, "/components/securitySchemes")
    if declared is MISSING:
        declared = follow(data, "/securityDefinitions")
    names = list(declared) if isinstance(declared, dict) else []
    if name not in names:
        meant = nearest(name, names)
        return Remedy(f"did you mean `{meant}`?", pointer) if meant else None
    if not isinstance(node, list):
        scopes = f"[{flow(node)}]" if isinstance(node, str) else "[]"
        return Remedy(f"write `{scopes}`", pointer, at_value=True)
    return None


def _scheme_kind(node: dict[str, object], pointer: str) -> Remedy | None:
    kind, place = node.get("type"), node.get("in")
    if isinstance(kind, str) and kind not in SCHEME_TYPES:
        return _choice(kind, SCHEME_TYPES, f"{pointer}/type")
    if kind == "apiKey" and isinstance(place, str) and place not in ("cookie", "header", "query"):
        return _choice(place, ("header", "query", "cookie"), f"{pointer}/in")
    wanted = {"apiKey": (("name", "x-api-key"), ("in", "header")), "http": (("scheme", "bearer"),)}
    for word, example in (("type", "http"), *wanted.get(str(kind), ())):
        if word not in node:
            slip = nearest(word, (key for key in node if key not in ("description", "type")))
            if slip:
                return Remedy(f"did you mean `{word}`?", f"{pointer}/{escape(slip)}")
            return Remedy(f"add `{word}: {example}`", pointer)
    return None


def _status(written: str, pointer: str) -> Remedy:
    text = re.sub(r"[oO]", "0", written)
    text = re.sub(r"[lI]", "1", text)
    meant = text if re.fullmatch(r"[1-5]\d\d", text) else ""
    return Remedy(f"did you mean `{meant}`?" if meant else "for example `'200'`", pointer)


def _media(written: str, pointer: str) -> Remedy | None:
    if "/" in written:
        return None
    meant = _MEDIA_WORDS.get(written.lower())
    return Remedy(
        f"did you mean `{meant}`?" if meant else "for example `application/json`", pointer
    )


def _parameter(node: dict[str, object], pointer: str) -> Remedy | None:
    place = node.get("in")
    if isinstance(place, str) and place not in PLACES:
        return _choice(place, PLACES, f"{pointer}/in")
    for word, example in (("name", "NAME"), ("in", "query")):
        if word not in node:
            others = (key for key in node if key not in ("description", "name", "in", "schema"))
            slip = nearest(word, others)
            if slip:
                return Remedy(f"did you mean `{word}`?", f"{pointer}/{escape(slip)}")
            return Remedy(f"add `{word}: {example}`", pointer)
    if "schema" not in node and "content" not in node:
        return Remedy("add `schema: { type: string }`", pointer)
    return None


def _path(steps: list[str]) -> Remedy | None:
    """A template that cannot be matched."""
    if len(steps) < 2 or steps[0] != "paths":  # noqa: PLR2004 -- `paths` and a template
        return None
    template = steps[1]
    meant = template if template.startswith("/") else f"/{template}"
    meant = re.sub(r"\{([\w-]*)(?=/|$)", r"{\1}", meant)
    pointer = f"/paths/{escape(template)}"
    return Remedy(f"write `{meant}`", pointer) if meant != template else None


def reference(data: object, written: str) -> str:
    """The local `$ref` that was meant: step by step the nearest name that is there."""
    file, mark, fragment = written.partition("#")
    steps = tokens("/" + fragment.lstrip("/"))
    if file or not mark or not isinstance(data, dict):
        return ""
    moved = {"definitions": ["components", "schemas"], "parameters": ["components", "parameters"]}
    if steps and steps[0] not in data and steps[0] in moved and "components" in data:
        steps = [*moved[steps[0]], *steps[1:]]
    here: object = data
    made = ""
    for step in steps:
        names = list(here) if isinstance(here, dict) else []
        found = step if step in names else nearest(step, names)
        if found is None or not isinstance(here, dict):
            return ""
        here, made = here[found], f"{made}/{escape(found)}"
    return f"#{made}" if f"#{made}" != written else ""
