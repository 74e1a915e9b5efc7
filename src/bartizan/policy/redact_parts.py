"""Multipart forms without their secrets: fields masked by name, files blanked at their length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

_BOUNDARY = re.compile(r";\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))", re.IGNORECASE)
_NAME = re.compile(rb";\s*name=(?:\"([^\"]*)\"|([^\s;]+))", re.IGNORECASE)
_FILE = re.compile(rb";\s*filename\*?=", re.IGNORECASE)
_TYPE = re.compile(rb"(?:^|\r\n)content-type:[ \t]*([^;\r\n]+)", re.IGNORECASE)
_BLANK = b"x"


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
        """The body of a form; None where it is not put together as RFC 7578 says."""
        found = _BOUNDARY.search(kind)
        if found is None:
            return None
        mark = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
        first, *parts = (b"\r\n" + raw).split(mark)
        if first or not parts or not parts[-1].startswith(b"--"):
            return None
        made = [self._part(one) for one in parts[:-1]]
        if None in made:
            return None
        whole = mark.join([b"", *(one for one in made if one is not None), b"--\r\n"])
        return whole.removeprefix(b"\r\n")

    def _part(self, part: bytes) -> bytes | None:
        head, border, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not border or not head.startswith(b"\r\n") or name is None:
            return None
        return head + border + self._content(head, (name[1] or name[2] or b""), content)

    def _content(self, head: bytes, name: bytes, content: bytes) -> bytes:
        told = _TYPE.search(head)
        kind = told[1].decode("latin-1").strip().lower() if told else "text/plain"
        is_json = kind == "application/json" or kind.endswith("+json")
        if _FILE.search(head) and not is_json:
            return _BLANK * len(content)
        if self.redactor.is_secret(name.decode("utf-8", "replace")):
            return b"[masked]"
        try:
            text = self.redactor.text(content.decode(), kind)
        except UnicodeDecodeError:
            text = None
        return _BLANK * len(content) if text is None else text.encode()
