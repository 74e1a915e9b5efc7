"""Public paths: Operations that the config declares, for everybody to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.parts import Form, report
from bartizan.policy.sources.description import Draft, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config


def public_operations(
    config: Config, known: set[str], faults: list[Diagnostic]
) -> Iterator[tuple[str, Operation]]:
    """A `GET` for each path of `public`, with its id: no credential, any answer.

    known: ids of the description; a path among them is a fault, since it has its own security.
    """
    for index, path in enumerate(config.public):
        one, pointer = f"GET {path}", f"/public/{index}"
        if one in known:
            message = f"`{path}` is declared in the description"
            hint = f"write `operations: {{ {one}: {{ security: none }} }}` to open it"
            report(config, faults, pointer, "config.conflict", message, hint)
            continue
        yield one, _operation(path, pointer)


def _operation(path: str, pointer: str) -> Operation:
    place: Form = {"document": 0, "pointer": pointer}
    anything: Form = {"schema": None, "encoding": {}, "source": place}
    answer: Form = {"content": {"*/*": anything}, "headers": [], "source": place}
    return Operation(
        method="GET",
        path=path,
        bases=("",),
        operation_id="",
        spot=(0, pointer),
        parameters=[],
        body=None,
        responses={"default": answer},
        security=(),
        draft=Draft(),
    )
