"""`x-bartizan-*` in documents: what a description says to us beside the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.model.errors import Diagnostic
from bartizan.policy.kinds import Choice, Kind, ListOf, Text
from bartizan.policy.pointer import escape
from bartizan.policy.reading import INVALID, Reading
from bartizan.policy.records import Record
from bartizan.policy.traffic_keys import Limit, OperationSettings

if TYPE_CHECKING:
    from bartizan.policy.document import Document
    from bartizan.policy.site import Part, Site
    from bartizan.policy.sources.description import Operation
    from bartizan.policy.sources.library import Spot

PREFIX = "x-bartizan-"
AUTH, LIMITS = "x-bartizan-auth", "x-bartizan-limits"
_WORD = Text("a short word, as in `payments`", r"[A-Za-z0-9._/-]{1,64}")
KNOWN: Mapping[str, Kind] = {
    AUTH: Choice(("declared", "none", "required")),
    LIMITS: ListOf(Record(Limit), single=True),
    "x-bartizan-owner": _WORD,
    "x-bartizan-exposure": Choice(("internal", "partner", "public")),
    "x-bartizan-data-class": Choice(("public", "internal", "personal", "secret")),
}
"""What may be written, with its kind. The first two are enforced; the others are told to be not."""


class Marks:
    """Settings that documents write for their Operations; those of the config come after them."""

    def __init__(self, site: Site, faults: list[Diagnostic], warnings: list[Diagnostic]) -> None:
        """Read every mark of every document. faults, warnings: take what is found."""
        self._faults = faults
        self._warnings = warnings
        self._at: dict[Spot, OperationSettings] = {}
        self._effective: set[Spot] = set()
        self._idle: dict[str, list[Diagnostic]] = {}
        self._places: dict[Spot, Diagnostic] = {}
        for number, document in enumerate(site.documents, start=1):
            if PREFIX in document.text:
                self._read(document, number)

    def of(self, part: Part, operation: Operation) -> tuple[OperationSettings, ...]:
        """Settings of the document, the path item and the Operation itself, outermost first."""
        if not self._at or not operation.spot[0]:
            return ()
        index, pointer = operation.spot
        item = pointer.rpartition("/")[0].removesuffix("/additionalOperations")
        spots = ((part.description.library.first, ""), (index, item), (index, pointer))
        self._effective.update(spots)
        return tuple(self._at[spot] for spot in spots if spot in self._at)

    def tell(self) -> None:
        """Warn of marks that nothing reads: at the wrong place, or not enforced."""
        self._warnings += [one for at, one in self._places.items() if at not in self._effective]
        self._warnings += [_counted(found) for found in self._idle.values()]

    # ---- reading --------------------------------------------------------------------------

    def _read(self, document: Document, number: int) -> None:
        for pointer, node in _marked(document.data):
            given: dict[str, object] = {}
            for word in node:
                if word.startswith(PREFIX):
                    self._one(document, number, f"{pointer}/{escape(word)}", word, node, given)
            if given:
                self._keep(document, (number, pointer), given)

    def _one(
        self, document: Document, number: int, at: str, word: str, node: Mapping[str, object],
        given: dict[str, object],
    ) -> None:  # fmt: skip
        kind = KNOWN.get(word)
        if kind is None:
            from bartizan.policy.suggest import hint

            message = f"there is no `{word}`"
            way = (
                "the mode is set in the config" if word == "x-bartizan-mode" else hint(word, KNOWN)
            )
            self._faults.append(
                document.diagnostic(at, code="description.unknown-mark", message=message, hint=way)
            )
            return
        reading = Reading(document=document, base=Path(), origins={}, index=number)
        value = kind.read(node[word], at, reading)
        self._faults += reading.diagnostics
        if value is INVALID:
            return
        if word in (AUTH, LIMITS):
            given["security" if word == AUTH else "limits"] = value
        else:
            message = f"`{word}` is read, and not enforced yet"
            one = document.diagnostic(
                at, code="description.not-enforced", message=message, warning=True
            )
            self._idle.setdefault(word, []).append(one)

    def _keep(self, document: Document, spot: Spot, given: dict[str, object]) -> None:
        self._at[spot] = OperationSettings(
            **given,  # type: ignore[arg-type]
            pointer=spot[1],
            written_in=spot[0],
            given=frozenset(given),
        )
        words = " and ".join(f"`{AUTH if one == 'security' else LIMITS}`" for one in sorted(given))
        self._places[spot] = document.diagnostic(
            spot[1],
            code="description.idle-mark",
            message=f"{words} has no effect here: write it at the document, a path or an operation",
            warning=True,
        )


def _counted(found: list[Diagnostic]) -> Diagnostic:
    """The first, with the number of the others."""
    from dataclasses import replace

    more = f" (and at {len(found) - 1} more places)" if len(found) > 1 else ""
    return replace(found[0], message=f"{found[0].message}{more}")


def _marked(data: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Every mapping with a mark, by its pointer; examples are values and hold none."""
    waiting: list[tuple[str, object]] = [("", data)]
    while waiting:
        at, node = waiting.pop()
        if isinstance(node, dict):
            if any(word.startswith(PREFIX) for word in node):
                yield at, node
            waiting += [(f"{at}/{escape(k)}", v) for k, v in node.items() if k not in _VALUES]
        elif isinstance(node, list):
            waiting += [(f"{at}/{index}", one) for index, one in enumerate(node)]


_VALUES = frozenset(("const", "default", "enum", "example", "examples"))
