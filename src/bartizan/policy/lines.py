"""The line behind a setting of a Policy, for records that outlive the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.errors import Location
from bartizan.model.event import CODE, Setting

if TYPE_CHECKING:
    from bartizan.policy.compile import Compiled

DEFAULT = "default"
LINE_MAX = 180
"""Longer texts are no line to read; `Document.line` cuts a little later."""


class Lines:
    """Finds the line behind a setting, with its text as it read when the Policy was compiled."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def setting(self, document: int | None, pointer: str) -> Setting | None:
        """The line of (document, pointer), or the flag that set it; None for a built-in default.

        Of a line that is longer than can be shown, the pointer stands for the text.
        """
        if document is None:
            return None
        if document == CODE:
            return _in_code(pointer)
        place = self._compiled.locate(document, pointer)
        if place.file in ("", DEFAULT):
            return None
        text = self._text(document, place)
        # A whole document on one line: what stands first in it tells nothing about this place.
        is_cut = bool(document) and len(text) > LINE_MAX
        return Setting(place.file, place.line, f"#{pointer}" if is_cut else text)

    def _text(self, index: int, place: Location) -> str:
        compiled = self._compiled
        if index:
            return compiled.site.text(place)
        document = compiled.config.document
        return document.line(place.line).strip() if document and place.line else ""


def _in_code(place: str) -> Setting:
    """The line of `file:line` in the code of an app."""
    from linecache import getline

    file, _, line = place.rpartition(":")
    number = int(line) if line.isdigit() else 0
    return Setting(file, number, getline(file, number).strip()[:LINE_MAX])
