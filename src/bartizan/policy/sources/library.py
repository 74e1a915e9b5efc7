"""Library: documents of one description, opened as `$ref`s name them, inside their directory."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document, read
from bartizan.policy.overlay_entries import Overlay
from bartizan.policy.pointer import MISSING, escape, follow, tokens
from bartizan.policy.sources.mappings import mappings
from bartizan.policy.sources.targets import Overlays

Fetch = Callable[[str], bytes]
"""Gives the bytes at a path or URL; raises OSError or Fault."""

DOCUMENTS_MAX = 200
BYTES_MAX = 32 << 20
_FILES = "http://document.invalid/"
"""Base of file names as URIs; never fetched (the `.invalid` domain of RFC 2606)."""

Spot = tuple[int, str]
"""A place: index of the document in the Policy (1 is the first) and JSON Pointer."""


class RefError(Exception):
    """A `$ref` that leads nowhere we may go. Its text says why."""


class Library:
    """Documents by index; `first` is the description itself. 0 is the config in every Policy."""

    def __init__(
        self, location: str, fetch: Fetch, *, first: int = 1, overlays: tuple[Overlay, ...] = ()
    ) -> None:
        """Open the description at `location`, a path or a URL.

        first: its index; later APIs of a Policy begin behind the documents of the earlier ones.
        overlays: laid over it and over what its `$ref`s name, each over the document it is for.
        Raises Fault: "description.unreadable", "description.too-large", those of the readers and of
        overlays.
        """
        self._fetch = fetch
        self.first = first
        self.location = location
        self._is_url = location.startswith(("http://", "https://"))
        self._directory = posixpath.dirname(location)
        self._home = urljoin(location, ".") if self._is_url else _FILES
        self._indices: dict[str, int] = {}
        self._resolved: dict[tuple[int, str, str], Spot | RefError] = {}
        self._ids: dict[str, Spot] = {}
        self._anchors: dict[tuple[str, str], Spot] = {}
        self.dynamic_anchors: dict[str, list[Spot]] = {}
        self._scopes: dict[int, list[tuple[str, str]]] = {}
        self._selves: dict[int, str] = {}
        self.documents: list[Document] = []
        self.names: list[str] = []
        name = (
            posixpath.basename(urlsplit(location).path)
            if self._is_url
            else posixpath.basename(location)
        )
        uri = urljoin(location, "") if self._is_url else _FILES + name
        self.overlays = Overlays(overlays, self._read)
        self._open(location, name, uri)

    def document(self, index: int) -> Document:
        """The document with that index."""
        return self.documents[index - self.first]

    def node(self, spot: Spot) -> object:
        """The value at a spot that `resolve` gave."""
        return follow(self.document(spot[0]).data, spot[1])

    def resolve(self, ref: str, index: int, at: str) -> Spot:
        """Where a `$ref` written in document `index` at pointer `at` leads.

        Raises RefError when it leaves the directory or host, cannot be read, or names nothing.
        Cost: a look-up; the first `$ref` to a document fetches and parses it.
        """
        scope = self._scope(index, at) if self._scopes.get(index) else ""
        key = (index, scope, ref)
        found = self._resolved.get(key)
        if found is None:
            try:
                found = self._resolve(ref, index, scope)
            except RefError as error:
                found = error
            self._resolved[key] = found
        if isinstance(found, RefError):
            raise found
        return found

    def target(self, ref: object, spot: Spot) -> Spot | None:
        """Where `ref`, written at `spot`, leads; None where it leads nowhere we may go."""
        if not isinstance(ref, str):
            return None
        try:
            return self.resolve(ref, *spot)
        except RefError:
            return None

    def _resolve(self, ref: str, index: int, scope: str) -> Spot:
        path, _, fragment = ref.partition("#")
        fragment = unquote(fragment)
        root: Spot = (index, "")
        if scope or (path and self._ids):
            uri = urljoin(scope or self._base(index), path)
            root = self._ids.get(uri) or (self._other(path, index, scope) if path else root)
        elif path:
            root = self._other(path, index, "")
        return self._inside(root, fragment, ref)

    def _inside(self, root: Spot, fragment: str, ref: str) -> Spot:
        if fragment and not fragment.startswith("/"):
            scope = self._scope(root[0], root[1]) or self._base(root[0])
            anchor = self._anchors.get((scope, fragment))
            if anchor is None:
                raise RefError(f"`{ref}` names an anchor that is not there")
            return anchor
        pointer = root[1] + "".join(f"/{escape(token)}" for token in tokens(fragment))
        spot = (root[0], pointer)
        if self.node(spot) is MISSING:
            raise RefError(f"`{ref}` leads to nothing")
        return spot

    def _base(self, index: int) -> str:
        """What relative URIs in a document start from: its `$self`, else where it was found."""
        return self._selves.get(index) or self._uri(index)

    def _beside(self, path: str, index: int) -> tuple[str, int]:
        """A URI below the home of the description's `$self`, as a path from the description."""
        home = urljoin(self._selves.get(self.first, ""), ".")
        if "://" in home and path.startswith(home):
            return path.removeprefix(home), self.first
        return path, index

    def _other(self, path: str, index: int, scope: str) -> Spot:
        path, index = self._beside(path, index)
        if urlsplit(path).scheme and not self._is_url:
            raise RefError(f"`{path}` leaves the directory of the document")
        if self._is_url:
            uri = urljoin(scope or self._uri(index), path)
            if not uri.startswith(self._home):
                raise RefError(f"`{path}` leaves the host or directory of the document")
            name = unquote(uri.removeprefix(self._home))
            return (self._indices.get(uri) or self._load(uri, name, uri), "")
        here = posixpath.dirname(self.names[index - self.first])
        name = posixpath.normpath(posixpath.join(here, unquote(path)))
        if name.startswith(("/", "../")) or name == "..":
            raise RefError(f"`{path}` leaves the directory of the document")
        uri = _FILES + name
        return (
            self._indices.get(uri) or self._load(uri, name, posixpath.join(self._directory, name)),
            "",
        )

    def _load(self, uri: str, name: str, location: str) -> int:
        if len(self.documents) >= DOCUMENTS_MAX:
            raise RefError(f"more than {DOCUMENTS_MAX} documents")
        try:
            return self._open(location, name, uri)
        except Fault as fault:
            raise RefError(f"`{name}`: {fault.diagnostics[0].message}") from None

    def _open(self, location: str, name: str, uri: str) -> int:
        document = self._read(location)
        full = _self_of(document, uri)
        document = self.overlays.over(document, full, is_first=not self.documents)
        return self._keep(document, name, uri)

    def _read(self, location: str) -> Document:
        try:
            raw = self._fetch(location)
        except OSError as error:
            reason = (error.strerror or str(error) or "not readable").lower()
            message = f"`{location}` cannot be read: {reason}"
            one = Diagnostic(code="description.unreadable", message=message, file=location)
            raise Fault([one]) from None
        if len(raw) > BYTES_MAX:
            message = f"`{location}` is larger than {BYTES_MAX >> 20} MiB"
            raise Fault([Diagnostic(code="description.too-large", message=message, file=location)])
        return read(location, raw)

    def _keep(self, document: Document, name: str, uri: str) -> int:
        self.documents.append(document)
        self.names.append(name)
        index = self.first + len(self.documents) - 1
        self._indices[uri] = index
        self._find_self(document, index, uri)
        self._find_names(document, index, self._base(index))
        return index

    def _uri(self, index: int) -> str:
        return next(uri for uri, known in self._indices.items() if known == index)

    def _find_self(self, document: Document, index: int, uri: str) -> None:
        if full := _self_of(document, uri):
            self._selves[index] = full
            self._ids.setdefault(full, (index, ""))

    # `$id` and `$anchor`: looked for only in documents that hold these words at all.

    def _find_names(self, document: Document, index: int, uri: str) -> None:
        text = document.text
        if "$id" in text or "$anchor" in text or "$dynamicAnchor" in text:
            for at, node in mappings(document.data):
                self._name(node, index, at, uri)

    def _name(self, node: dict[str, object], index: int, at: str, uri: str) -> None:
        identity = node.get("$id")
        if isinstance(identity, str):
            full = urljoin(self._scope(index, at) or uri, identity).removesuffix("#")
            self._ids[full] = (index, at)
            self._scopes.setdefault(index, []).append((at, full))
        scope = self._scope(index, at) or uri
        for word in ("$anchor", "$dynamicAnchor"):
            anchor = node.get(word)
            if isinstance(anchor, str):
                self._anchors[scope, anchor] = (index, at)
                if word == "$dynamicAnchor":
                    self.dynamic_anchors.setdefault(anchor, []).append((index, at))

    def _scope(self, index: int, at: str) -> str:
        """URI of the innermost `$id` around `at`; empty where there is none."""
        best = ("", "")
        for pointer, uri in self._scopes.get(index, ()):
            if (at == pointer or at.startswith(f"{pointer}/")) and len(pointer) >= len(best[0]):
                best = (pointer, uri)
        return best[1]


def _self_of(document: Document, uri: str) -> str:
    """The `$self` of a document of OpenAPI 3.2, a URI of its own; empty where there is none."""
    data = document.data
    written = data.get("$self") if isinstance(data, dict) else None
    version = str(data.get("openapi", "")) if isinstance(data, dict) else ""
    is_newer = version.startswith("3.") and not version.startswith(("3.0", "3.1"))
    return urljoin(uri, written).partition("#")[0] if isinstance(written, str) and is_newer else ""
