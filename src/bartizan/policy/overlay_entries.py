"""Config key `overlays`: files laid over the document of an API, or over single ones of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bartizan.policy.forms import PathText
from bartizan.policy.kinds import ListOf
from bartizan.policy.reading import INVALID, Invalid, Reading, below
from bartizan.policy.records import key

if TYPE_CHECKING:
    from bartizan.policy.kinds import JsonSchema

ITSELF = "auto"
"""In place of a document: the description itself, wherever it came from."""
_FILES = ListOf(PathText(urls=True), single=True)
_DOCUMENT = PathText(urls=True, words=(ITSELF,))


@dataclass(frozen=True, slots=True)
class Overlay:
    """One overlay to be laid. location: its path or URL.

    document: path or URL of what it is laid over, or `auto`; empty = what its `extends` names, and
    the description where it has none. pointer: where the config says so.
    """

    location: str
    document: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class OverlayFiles:
    """Files, or files by the document that they are laid over."""

    def read(self, value: object, at: str, reading: Reading) -> tuple[Overlay, ...] | Invalid:
        """Every overlay in its order; INVALID if one is none."""
        if not isinstance(value, dict):
            return _listed(value, at, reading, "")
        found: list[Overlay] = []
        is_sound = True
        for document, files in value.items():
            place = below(at, document)
            named = _DOCUMENT.read(document, place, reading)
            made = _listed(files, place, reading, str(named))
            if isinstance(named, Invalid) or isinstance(made, Invalid):
                is_sound = False
            else:
                found += made
        return tuple(found) if is_sound else INVALID

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string, a list of strings, or either by document."""
        files = _FILES.schema(defs)
        by_document: JsonSchema = {"type": "object", "additionalProperties": files}
        return {"anyOf": [files, by_document]}


def _listed(
    value: object, at: str, reading: Reading, document: str
) -> tuple[Overlay, ...] | Invalid:
    files = _FILES.read(value, at, reading)
    if isinstance(files, Invalid):
        return files
    places = [below(at, index) for index in range(len(files))] if isinstance(value, list) else [at]
    return tuple(
        Overlay(str(one), document, place) for one, place in zip(files, places, strict=True)
    )


def as_written(overlays: tuple[Overlay, ...]) -> object:
    """The value of the key, as YAML would write it."""
    if not any(one.document for one in overlays):
        return [one.location for one in overlays]
    found: dict[str, list[str]] = {}
    for one in overlays:
        found.setdefault(one.document, []).append(one.location)
    return found


def overlays_key() -> Any:
    """`overlays`: of the only API, and of each entry of `apis`."""
    return key(
        OverlayFiles(),
        "OpenAPI overlays in their order, laid over what `extends` in them names, else over the "
        "document; or by document: `{ common.yaml: [a.yaml] }`, with `auto` for the API's own.",
        example=["bartizan.overlay.yaml"],
        default=(),
    )
