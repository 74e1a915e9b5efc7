"""Multipart bodies without their secrets: what names tell is masked, files are blanked at length.

A part of a list has no name; what it holds is looked into all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from bartizan.policy.redact_shapes import MASK, shapeless
from bartizan.policy.sources.media import is_json

_BOUNDARY = re.compile(r";\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))", re.IGNORECASE)
_NAME = re.compile(rb";\s*name=(?:\"([^\"]*)\"|([^\s;]+))", re.IGNORECASE)
_FILE = re.compile(rb";\s*filename\*?=", re.IGNORECASE)
_TYPE = re.compile(rb"(?:^|\r\n)content-type:[ \t]*([^;\r\n]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"(^|\r\n)(content-length:[ \t]*)[^\r\n]*", re.IGNORECASE)
_FIELD = re.compile(rb"(?<=\r\n)([^:\r\n]+)(:[ \t]*)([^\r\n]*)")
_BLANK = b"x"
_FOLDED = re.compile(rb"\r\n[ \t]")
_CREDENTIALS = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))


class Masks(Protocol):
    """What knows secrets; see `Redactor`."""

    def is_secret(self, name: str) -> bool:
        """Whether values under this name are masked."""

    def text(self, text: str, essence: str) -> str | None:
        """A text of this type without secrets; None where it hides its members."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Names, types and sizes stay, so that the form is judged as it came."""

    redactor: Masks

    def blanked(self, raw: bytes, kind: str) -> bytes | None:
        """The body of several parts; None where it is not put together as RFC 2046 says."""
        is_form = kind.strip().lower().startswith("multipart/form-data")
        found = _BOUNDARY.search(kind)
        if found is None:
            return None
        mark = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
        first, *parts = (b"\r\n" + raw).split(mark)
        if first or not parts or not parts[-1].startswith(b"--"):
            return None
        made = [self._part(one, is_form=is_form) for one in parts[:-1]]
        if None in made:
            return None
        whole = mark.join([b"", *(one for one in made if one is not None), b"--\r\n"])
        return whole.removeprefix(b"\r\n")

    def _part(self, part: bytes, *, is_form: bool) -> bytes | None:
        head, border, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        is_sound = border and part.startswith(b"\r\n") and not _FOLDED.search(head)
        if not is_sound or (is_form and name is None):
            return None
        named = (name[1] or name[2] or b"") if name else b""
        kept = self._content(head, named, content)
        head = _FIELD.sub(self._field, head)
        return _LENGTH.sub(rb"\g<1>\g<2>%d" % len(kept), head) + border + kept

    def _field(self, found: re.Match[bytes]) -> bytes:
        name = found[1].decode("latin-1").strip().lower()
        is_secret = name in _CREDENTIALS or self.redactor.is_secret(name)
        value = (
            MASK.encode() if is_secret else shapeless(found[3].decode("latin-1")).encode("latin-1")
        )
        return found[1] + found[2] + value

    def _content(self, head: bytes, name: bytes, content: bytes) -> bytes:
        told = _TYPE.search(head)
        kind = told[1].decode("latin-1").strip().lower() if told else "text/plain"
        if _FILE.search(head) and not is_json(kind):
            return _BLANK * len(content)
        if self.redactor.is_secret(name.decode("utf-8", "replace")):
            return MASK.encode()
        try:
            text = self.redactor.text(content.decode(), kind)
        except UnicodeDecodeError:
            text = None
        return _BLANK * len(content) if text is None else text.encode()
