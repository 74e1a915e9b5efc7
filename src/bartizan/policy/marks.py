"""`x-bartizan-*` in documents: what a description says to us beside the standard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.model.errors import Diagnostic
from bartizan.policy.kinds import Choice, Kind, ListOf, Text
from bartizan.policy.pointer import escape
from bartizan.policy.reading import INVALID, Reading, below
from bartizan.policy.records import Record
from bartizan.policy.sources.mappings import mappings
from bartizan.policy.sources.words import CLASSES, DATA_CLASS
from bartizan.policy.traffic_keys import EXPOSURES, Limit, OperationSettings

if TYPE_CHECKING:
    from bartizan.policy.document import Document
    from bartizan.policy.site import Part, Site
    from bartizan.policy.sources.description import Operation
    from bartizan.policy.sources.library import Spot

PREFIX = "x-bartizan-"
AUTH, LIMITS, EXPOSURE = "x-bartizan-auth", "x-bartizan-limits", "x-bartizan-exposure"
OWNER = "x-bartizan-owner"
KNOWN: Mapping[str, Kind] = {
    AUTH: Choice(("declared", "none", "required")),
    LIMITS: ListOf(Record(Limit), single=True),
    EXPOSURE: Choice(EXPOSURES),
    OWNER: Text(
        "a name, as in `payments` or `team@example.com`", r"[A-Za-z0-9#@][\w./@#+ -]{0,63}"
    ),
    DATA_CLASS: Choice(CLASSES),
}
"""What may be written, with its kind."""
_KEYS = {AUTH: "security", LIMITS: "limits", EXPOSURE: "exposure"}
"""Words that say what `operations:` of the config says, too, with its key for them."""


class Marks:
    """Settings that documents write for their Operations; those of the config come after them."""

    def __init__(self, site: Site, faults: list[Diagnostic], warnings: list[Diagnostic]) -> None:
        """Read every mark of every document. faults, warnings: take what is found."""
        self._faults = faults
        self._warnings = warnings
        self._settings: dict[Spot, OperationSettings] = {}
        self._words: dict[tuple[Spot, str], str] = {}
        self._idle: dict[tuple[Spot, str], Document] = {}
        for number, document in enumerate(site.documents, start=1):
            if PREFIX in document.text:
                self._read(document, number)

    def of(self, part: Part, operation: Operation) -> tuple[OperationSettings, ...]:
        """Settings of the document, the path item and the Operation itself, outermost first."""
        if not self._settings:
            return ()
        spots = self._spots(part, operation)
        return tuple(self._settings[spot] for spot in spots if spot in self._settings)

    def label(self, part: Part, operation: Operation, word: str) -> tuple[str, Spot] | None:
        """The innermost `x-bartizan-owner` or `-data-class` of an Operation, and its place."""
        found = None
        for spot in self._spots(part, operation):
            found = self.at(spot, word) or found
        return found

    def at(self, spot: Spot, word: str) -> tuple[str, Spot] | None:
        """What `word` says at one place, and where it is written; from now on it has an effect."""
        value = self._words.get((spot, word))
        if value is None:
            return None
        self._idle.pop((spot, word), None)
        return value, (spot[0], below(spot[1], word))

    def _spots(self, part: Part, operation: Operation) -> tuple[Spot, ...]:
        index, pointer = operation.spot
        if not index:
            return ()  # A path of `public`: no document speaks of it.
        item = pointer.rpartition("/")[0].removesuffix("/additionalOperations")
        spots = ((part.description.library.first, ""), (index, item), (index, pointer))
        for spot in spots if self._idle else ():
            for word in KNOWN:
                self._idle.pop((spot, word), None)
        return spots

    def tell(self) -> None:
        """Warn of marks at places where nothing reads them."""
        where: dict[Spot, list[str]] = {}
        for spot, word in self._idle:
            where.setdefault(spot, []).append(word)
        for spot, words in where.items():
            document = self._idle[spot, words[0]]
            places = "at the document, a path or an operation"
            if words == [DATA_CLASS]:
                places += ", at a parameter, a header or a schema that one of them uses"
            named = " and ".join(f"`{one}`" for one in words)
            verb = "have" if len(words) > 1 else "has"
            self._warnings.append(
                document.diagnostic(
                    below(spot[1], words[0]), code="description.idle-mark", warning=True,
                    message=f"{named} {verb} no effect here: write it {places}",
                )
            )  # fmt: skip

    # ---- reading --------------------------------------------------------------------------

    def _read(self, document: Document, number: int) -> None:
        for pointer, node in mappings(document.data):
            spot, given = (number, pointer), dict[str, object]()
            for word in node:
                if word.startswith(PREFIX) and self._one(document, spot, word, node, given):
                    self._idle[spot, word] = document
            if given:
                self._settings[spot] = OperationSettings(
                    **given,  # type: ignore[arg-type]
                    pointer=pointer,
                    written_in=number,
                    given=frozenset(given),
                )

    def _one(
        self, document: Document, spot: Spot, word: str, node: Mapping[str, object],
        given: dict[str, object],
    ) -> bool:  # fmt: skip
        """Whether it could be read."""
        kind, at = KNOWN.get(word), f"{spot[1]}/{escape(word)}"
        if kind is None:
            from bartizan.policy.suggest import hint

            message = f"there is no `{word}`"
            way = (
                "the mode is set in the config" if word == "x-bartizan-mode" else hint(word, KNOWN)
            )
            self._faults.append(
                document.diagnostic(at, code="description.unknown-mark", message=message, hint=way)
            )
            return False
        reading = Reading(document=document, base=Path(), origins={}, index=spot[0])
        value = kind.read(node[word], at, reading)
        self._faults += reading.diagnostics
        if value is INVALID:
            return False
        if word in _KEYS:
            given[_KEYS[word]] = value
        else:
            self._words[spot, word] = str(value)
        return True
