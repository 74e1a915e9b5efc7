"""The line behind a setting of a Policy, for records that outlive the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.event import Setting

if TYPE_CHECKING:
    from bartizan.policy.compile import Compiled

DEFAULT = "default"


class Lines:
    """Finds the line behind a setting, with its text as it read when the Policy was compiled."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def setting(self, document: int | None, pointer: str) -> Setting | None:
        """The line of (document, pointer), or the flag that set it; None for a built-in default."""
        if document is None:
            return None
        place = self._compiled.locate(document, pointer)
        if place.file in ("", DEFAULT):
            return None
        return Setting(place.file, place.line, self._text(document, place.line))

    def _text(self, index: int, line: int) -> str:
        compiled = self._compiled
        library = compiled.description.library
        document = compiled.config.document if index == 0 else library.document(index)
        return document.line(line).strip() if document and line else ""
