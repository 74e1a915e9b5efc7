"""Fields of exceptions, held against the schemas of their Operations: a slip would except nothing.

A field that no schema names may be meant: an exception for what is undeclared. Told is only what
is close to a declared name.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, cast

from bartizan.policy.classes import inside
from bartizan.policy.parts import report
from bartizan.policy.pointer import tokens
from bartizan.policy.reading import below
from bartizan.policy.sources.keys import key_of_uri
from bartizan.policy.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config
    from bartizan.policy.parts import Form
    from bartizan.policy.placed import Placed
    from bartizan.policy.sources.description import Operation

LOCATIONS = (
    "connection", "target", "path", "query", "header", "cookie", "body", "status",
    "response-header", "response-body",
)  # fmt: skip
"""As crates/core/src/decision.rs names them."""


def tell_fields(
    config: Config,
    exceptions: Sequence[Form],
    placed: Sequence[Placed],
    schemas: Mapping[str, object],
    warnings: list[Diagnostic],
) -> None:
    """Warn of fields that are close to a declared name and are none. exceptions: of the form."""
    operations = {one.id: one.operation for one in placed}
    meant: dict[str, list[tuple[str, str] | None]] = {}
    for form in exceptions:
        operation = operations.get(str(form["operation"]))
        if operation is not None and form["field"]:
            pointer = str(cast("Form", form["source"])["pointer"])
            slip = _slip(str(form["field"]), operation, schemas)
            meant.setdefault(pointer, []).append(slip)
    for pointer, slips in meant.items():
        if (slip := slips[0]) is not None and all(slips):
            message = f"no field `{slip[0]}` is declared there, so the exception covers nothing"
            report(
                config, warnings, below(pointer, "field"), "policy.unknown-field",
                message, f"did you mean `{slip[1]}`?", warning=True,
            )  # fmt: skip


def _slip(
    field: str, operation: Operation, schemas: Mapping[str, object]
) -> tuple[str, str] | None:
    """What is written, and what was probably meant; None where nothing is told."""
    head, _, pointer = field.partition("#")
    location, _, name = head.partition(":")
    if name:
        known = list(_names(location, operation))
        return _near(name, [one.lower() for one in known] if "header" in location else known)
    nodes = [schemas[key] for key in _roots(location, operation) if key in schemas]
    for token in tokens(pointer) if nodes else ():
        inner, names, is_open = _step(nodes, token, schemas)
        if not inner:
            return None if is_open else _near(token, names)
        nodes = inner
    return None


def _near(word: str, known: Sequence[str]) -> tuple[str, str] | None:
    if word in known or word == "*" or word.lower() in known:
        return None
    near = nearest(word, known)
    return (word, near) if near else None


def _names(location: str, operation: Operation) -> Iterator[str]:
    for form in operation.parameters:
        if form["in"] == location:
            yield str(form["name"])
    if location == "response-header":
        for response in operation.responses.values():
            yield from (str(one["name"]) for one in cast("list[Form]", response["headers"]))


def _roots(location: str, operation: Operation) -> Iterator[str]:
    """Keys of the schemas of a whole body."""
    holders: list[Form | None] = []
    if location == "body":
        holders = [operation.body]
    elif location == "response-body":
        holders = list(operation.responses.values())
    for holder in holders:
        media = cast("Mapping[str, Form]", holder["content"]) if holder else {}
        for form in media.values():
            if isinstance(key := form.get("schema"), str):
                yield key


def _step(
    nodes: Sequence[object], token: str, schemas: Mapping[str, object]
) -> tuple[list[object], list[str], bool]:
    """Schemas below `token`, the names that are declared there, and whether any name may stand."""
    found: list[object] = []
    names: list[str] = []
    is_open = False
    for shown, inner in chain.from_iterable(_below(one, schemas, ()) for one in nodes):
        if not isinstance(inner, dict):
            continue
        is_open = is_open or shown == "*"
        if shown != "*":
            names.append(shown)
        if token in (shown, "*") or (shown == "*" and token.isdecimal()):
            found.append(inner)
    return found, names, is_open


def _below(
    node: object, schemas: Mapping[str, object], seen: tuple[str, ...]
) -> Iterator[tuple[str, object]]:
    """Names and schemas one step into the value. seen: schemas on the way, which may be a ring."""
    if not isinstance(node, dict):
        return
    ref = node.get("$ref")
    key = key_of_uri(ref) if isinstance(ref, str) else ""
    if key in schemas and key not in seen:
        yield from _below(schemas[key], schemas, (*seen, key))
    for _at, inner, step in inside(node):
        if step:
            yield step[1:], inner
        else:
            yield from _below(inner, schemas, seen)
