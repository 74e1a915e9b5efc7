"""`require_loadable`: the same build that the gateway runs, so that what passes `check` loads."""

from __future__ import annotations

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.compile import Compiled, compile
from bartizan.policy.pointer import tokens

ROUNDS_MAX = 64
"""Schemas that the core refuses are taken out one by one, at most so many."""


def require_loadable(compiled: Compiled) -> Compiled:
    """`compiled`, or the same with Operations marked that the core cannot check.

    A schema that the core refuses (a pattern beyond its engine, say) makes the Operations that
    use it unrepresentable; the others stay. Raises Fault, placed, for everything else that the
    core refuses. Cost: the build of the Policy, once for each refused schema and once more.
    """
    from bartizan import _core

    for _ in range(ROUNDS_MAX):
        try:
            _core.Policy.load(compiled.form)
        except _core.PolicyFault as refused:
            code, message, document, pointer = _parts(refused)
            if not _mark(compiled, document, pointer, message):
                raise Fault([_placed(compiled, code, message, document, pointer)]) from None
            compiled = compile(compiled.config, compiled.description)
        else:
            return compiled
    message = f"more than {ROUNDS_MAX} schemas cannot be checked"
    raise Fault([Diagnostic(code="policy.too-many-refused", message=message)])


def _parts(refused: Exception) -> tuple[str, str, int | None, str]:
    found = [getattr(refused, name, None) for name in ("code", "message", "document", "pointer")]
    if found[0] is None:
        # The core gives message, document and pointer; the code is ours.
        found = [None, *[*refused.args, *[None] * 3][:3]]
    code, message, document, pointer = found
    place = document if isinstance(document, int) else None
    return str(code or "policy.refused"), str(message or refused), place, str(pointer or "")


def _mark(compiled: Compiled, document: int | None, pointer: str, reason: str) -> bool:
    """Take the innermost schema around the place out of checking; False if there is none."""
    if not document:
        return False
    steps = tokens(pointer)
    for length in range(len(steps), -1, -1):
        at = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps[:length])
        if compiled.description.schemas.refuse((document, at), (document, pointer), reason):
            return True
    return False


def _placed(
    compiled: Compiled, code: str, message: str, document: int | None, pointer: str
) -> Diagnostic:
    place = compiled.locate(document, pointer)
    if document and document <= len(compiled.description.library.documents):
        return compiled.description.library.document(document).diagnostic(
            pointer, code=code, message=message
        )
    return Diagnostic(
        code=code, message=message, file=place.file, line=place.line, column=place.column
    )
