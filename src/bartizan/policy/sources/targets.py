"""Which document each overlay is laid over: what the config says, else its own `extends`."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterator
from typing import NoReturn
from urllib.parse import unquote, urljoin, urlsplit

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document
from bartizan.policy.overlay_entries import ITSELF, Overlay


class Overlays:
    """The overlays of one API, each laid over its document as that is opened."""

    def __init__(self, listed: tuple[Overlay, ...], read: Callable[[str], Document]) -> None:
        """Open them all. Raises Fault: those of `read`, "overlay.no-document"."""
        self.documents = [read(one.location) for one in listed]
        self.warnings: list[Diagnostic] = []
        self._listed = tuple(zip(listed, self.documents, strict=True))
        self._targets = [_target(one, document) for one, document in self._listed]
        self._laid: set[int] = set()

    def over(self, document: Document, self_uri: str, *, is_first: bool) -> Document:
        """`document` with its overlays, in their order. self_uri: its `$self`; empty = none.

        is_first: it is the description itself. Raises Fault as `overlay.lay`.
        """
        names = {_place(document.name), self_uri or None, "" if is_first else None}
        meant = [at for at, target in enumerate(self._targets) if target in names]
        if not meant:
            return document
        from bartizan.policy.sources.overlay import lay

        self._laid.update(meant)
        return lay(document, [self.documents[at] for at in meant], self.warnings)

    def require_laid(self, opened: list[Document]) -> None:
        """To be called when every document is open: an overlay for none of them sets nothing.

        Raises Fault "overlay.no-document".
        """
        told = list(self._lost(opened))
        if told:
            raise Fault(told)

    def _lost(self, opened: list[Document]) -> Iterator[Diagnostic]:
        names = ", ".join(f"`{os.path.basename(one.name)}`" for one in opened[:3])  # noqa: PTH119 -- text in, text out
        for at, (one, document) in enumerate(self._listed):
            if at in self._laid:
                continue
            if one.document:
                yield Diagnostic(
                    code="overlay.no-document", file=one.document,
                    message=f"`{one.document}` is none of the documents of this API ({names})",
                    hint="an overlay reaches the document itself and those that its `$ref`s open",
                )  # fmt: skip
            else:
                yield document.diagnostic(
                    "/extends", code="overlay.no-document", value=True,
                    message=f"`extends` names none of the documents of this API ({names})",
                    hint="list it at the API whose document that is, or lay it over this one all "
                    f"the same: `overlays: {{ auto: {os.path.basename(one.location)} }}`",  # noqa: PTH119 -- as above
                )  # fmt: skip


def _target(one: Overlay, document: Document) -> str:
    """What it is laid over, as `_place` writes it; empty = the description."""
    if one.document:
        return "" if one.document == ITSELF else _place(one.document)
    data = document.data
    if not isinstance(data, dict) or "extends" not in data:
        return ""
    written = data["extends"]
    if not isinstance(written, str) or not written:
        _refuse(document)
    if "://" in one.location:
        return urljoin(one.location, written)
    if urlsplit(written).scheme:
        return _place(written)
    return _place(os.path.join(os.path.dirname(one.location), unquote(written)))  # noqa: PTH118, PTH120 -- text in, text out


def _refuse(document: Document) -> NoReturn:
    message = "`extends` must be the path or URL of a document"
    raise Fault([document.diagnostic("/extends", code="overlay.no-document", message=message)])


def _place(name: str) -> str:
    """A path in its one spelling; a URL as it is."""
    if name.startswith("file://"):
        name = unquote(urlsplit(name).path)
    return name if urlsplit(name).scheme else os.path.abspath(name)  # noqa: PTH100 -- text in, text out
