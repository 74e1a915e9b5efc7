"""`require_loadable`: the same build that the gateway runs, so that what passes `check` loads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.compile import Compiled, compile
from bartizan.policy.pointer import escape, tokens

# As crates/core/src/policy/build.rs writes the fault of a schema.
_SCHEMA_FAULT = re.compile(r"schema at `(\d+)#(.*?)`: (.*)", re.DOTALL)
_DIRECTION = re.compile(r"!(?:request|response)(?=/|$)")
ROUNDS_MAX = 64
"""Schemas that the core refuses are taken out one by one, at most so many."""


def require_loadable(
    compiled: Compiled, build: Callable[[bytes], object] | None = None
) -> Compiled:
    """`compiled`, or the same with Operations marked that the core cannot check.

    build: `_core.Policy.load` unless given; raises ValueError(message, document, pointer).
    A schema that the core refuses (a pattern beyond its engine, say) makes the Operations that
    use it unrepresentable; the others stay. Raises Fault "policy.refused", placed, for everything
    else that the core refuses. Cost: the build of the Policy, once for each refused schema and
    once more.
    """
    build = _core_build() if build is None else build
    for _ in range(ROUNDS_MAX):
        try:
            built = build(compiled.form)
        except ValueError as refused:
            message, document, pointer = _parts(refused)
            if not _mark(compiled, document, pointer, message):
                raise Fault([_placed(compiled, message, document, pointer)]) from None
        else:
            if not any([_mark(compiled, *place) for place in _left_out(built)]):  # noqa: C419 -- marks them all
                told = tuple(_unmapped(compiled, built))
                if not told:
                    return compiled
                return replace(compiled, own_warnings=(*compiled.own_warnings, *told))
        compiled = compile(compiled.config, compiled.site)
    message = f"more than {ROUNDS_MAX} schemas cannot be checked"
    raise Fault([Diagnostic(code="policy.too-many-refused", message=message)])


def _left_out(built: object) -> Iterator[tuple[int, str, str]]:
    """Places and reasons of the schemas that the core loads, but cannot check by."""
    listed: list[tuple[str, str]] = getattr(built, "unrepresentable", [])
    for why in dict.fromkeys(why for _operation, why in listed):
        if match := _SCHEMA_FAULT.fullmatch(why):
            yield int(match[1]), _DIRECTION.sub("", match[2]), match[3]


def _unmapped(compiled: Compiled, built: object) -> Iterator[Diagnostic]:
    """Warnings of schemas that XML bodies cannot be held against."""
    listed: list[tuple[int | None, str, str]] = getattr(built, "unmapped", [])
    for document, pointer, why in dict.fromkeys(listed):
        if document and document <= len(compiled.site.documents):
            yield compiled.site.documents[document - 1].diagnostic(
                pointer,
                code="description.xml-unmapped",
                message=f"XML bodies of this schema are refused: {why}",
                hint="say it by `xml` and plain `properties`, or take XML out of the document",
                warning=True,
            )


def _core_build() -> Callable[[bytes], object]:
    from bartizan import _core

    return _core.Policy.load


def _parts(refused: ValueError) -> tuple[str, int | None, str]:
    message, document, pointer = [*refused.args, None, None, None][:3]
    return str(message), document if isinstance(document, int) else None, str(pointer or "")


def _mark(compiled: Compiled, document: int | None, pointer: str, reason: str) -> bool:
    """Take the innermost schema around the place out of checking; False if there is none."""
    if not document:
        return False
    steps = tokens(pointer)
    for length in range(len(steps), -1, -1):
        at = "".join(f"/{escape(step)}" for step in steps[:length])
        schemas = compiled.site.part(document).description.schemas
        if schemas.refuse((document, at), (document, pointer), reason):
            return True
    return False


def _placed(compiled: Compiled, message: str, document: int | None, pointer: str) -> Diagnostic:
    place = compiled.locate(document, pointer)
    documents = compiled.site.documents
    held = compiled.config.document if document == 0 else None
    if document and document <= len(documents):
        held = documents[document - 1]
    if held is not None:
        return held.diagnostic(pointer, code="policy.refused", message=message)
    return Diagnostic(code="policy.refused", message=message, file=place.file)
