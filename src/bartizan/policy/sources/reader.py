"""`read`: one API description, whatever its version."""

from __future__ import annotations

import re
from pathlib import Path

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document
from bartizan.policy.overlay_entries import Overlay
from bartizan.policy.pause import collector_paused
from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Description
from bartizan.policy.sources.library import Fetch, Library
from bartizan.policy.sources.openapi3 import Reader3
from bartizan.policy.sources.swagger2 import Reader2
from bartizan.policy.suggest import nearest

_VERSION_3 = re.compile(r"3\.([012])(?:\.[0-9]+.*)?")


def fetch_file(location: str) -> bytes:
    """The bytes of the file at `location`: the `fetch` for descriptions on disk."""
    return Path(location).read_bytes()


def read(
    location: str, fetch: Fetch, *, first: int = 1, overlays: tuple[Overlay, ...] = ()
) -> Description:
    """The description at `location`, a path or a URL, with every document its `$ref`s name.

    first: index of its first document in the Policy. overlays: each laid over the document it is
    for, in their order.
    fetch: gives bytes for a path or URL below the directory of `location`; raises OSError.
    Raises Fault: "description.unreadable", "description.not-openapi", "description.version",
    "description.paths", "description.too-deep", those of overlays and of the readers of YAML and
    JSON.
    Cost: O(nodes), about 0.2 s for 500 operations in YAML.
    """
    with collector_paused():
        return _read(Library(location, fetch, first=first, overlays=overlays))


def _read(library: Library) -> Description:
    root = library.document(library.first)
    version = _version(root)
    _require_paths(root)
    reader = Reader2(library) if version == "2.0" else Reader3(library, version)
    try:
        operations = reader.operations()
    except RecursionError:
        message = "schemas are nested too deep"
        one = Diagnostic(code="description.too-deep", message=message, file=root.name)
        raise Fault([one]) from None
    library.overlays.require_laid(library.documents)
    parts = reader.parts
    info = root.data.get("info") if isinstance(root.data, dict) else None
    title = info.get("title") if isinstance(info, dict) else None
    if not operations:
        parts.notes.warn(
            (library.first, "/paths"), "description.no-operations", "no operation is declared"
        )
    return Description(
        version=version,
        title=title if isinstance(title, str) else "",
        library=library,
        schemas=parts.schemas,
        operations=operations,
        schemes=parts.schemes,
        secured=parts.is_secured,
        notes=parts.notes,
    )


def _require_paths(document: Document) -> None:
    """A document whose paths are no mapping would guard nothing."""
    paths = document.data.get("paths") if isinstance(document.data, dict) else None
    if paths is not None and not isinstance(paths, dict):
        message = "`paths` is not a mapping of paths to their operations"
        raise Fault([document.diagnostic("/paths", code="description.paths", message=message)])


def _version(document: Document) -> str:
    data = document.data
    if not isinstance(data, dict) or not ("openapi" in data or "swagger" in data):
        hint = "an OpenAPI document begins with `openapi: 3.1.0` or `swagger: '2.0'`"
        message = f"`{document.name}` is not an OpenAPI document"
        slip = nearest("openapi", data) if isinstance(data, dict) else None
        if slip is not None:
            message, hint = f"`{slip}` is not `openapi`", "did you mean `openapi`?"
            told = document.diagnostic(
                f"/{escape(slip)}", code="description.not-openapi", message=message, hint=hint
            )
            raise Fault([told])
        one = Diagnostic(
            code="description.not-openapi", message=message, file=document.name, hint=hint
        )
        raise Fault([one])
    if str(data.get("swagger")) == "2.0":
        return "2.0"
    written = data.get("openapi")
    match = _VERSION_3.fullmatch(str(written)) if written is not None else None
    if match is None:
        pointer = "/openapi" if written is not None else "/swagger"
        message = f"OpenAPI {data.get('openapi', data.get('swagger'))} is not supported"
        hint = "for example `3.1.0`; supported are 2.0, 3.0, 3.1 and 3.2"
        raise Fault(
            [
                document.diagnostic(
                    pointer, code="description.version", message=message, hint=hint, value=True
                )
            ]
        )
    return f"3.{match.group(1)}"
