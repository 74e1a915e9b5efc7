"""Site: every API of a config with its description, and all their documents under one count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bartizan.model.errors import Diagnostic, Fault, Location
from bartizan.policy.api_entries import Api
from bartizan.policy.config import Config
from bartizan.policy.document import Document
from bartizan.policy.sources import Description, Operation, read
from bartizan.policy.sources.library import Fetch, Spot

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Part:
    """One API with its description. index: its place in the Policy."""

    index: int
    api: Api
    description: Description

    def template(self, base: str, operation: Operation) -> str:
        """The public path template of an Operation below one of its base paths."""
        own = f"{base}{operation.path}"
        return f"{self.api.prefix}{own}" if self.api.strip_prefix else own

    def id(self, method: str, template: str) -> str:
        """What an Operation is called, in the config and in Events."""
        named = f"{self.api.name}:" if self.api.name else ""
        return f"{named}{method} {template}"


@dataclass(frozen=True, slots=True)
class Site:
    """All APIs of one Policy, in the order of the config. A single API is a list of one.

    is_mounted: prefixes belong to the paths that the app knows, and are not stripped.
    """

    parts: tuple[Part, ...]
    is_mounted: bool = False

    def mounted(self) -> Site:
        """The same for a mount: the app is asked with the whole path, as its server would."""
        return Site(self.parts, is_mounted=True)

    @classmethod
    def of(cls, config: Config, description: Description) -> Site:
        """The only API of `config`, with its description."""
        return cls((Part(0, config.all_apis[0], description),))

    @property
    def documents(self) -> list[Document]:
        """Every document, by its index in the Policy less one."""
        return [one for part in self.parts for one in part.description.library.documents]

    @property
    def names(self) -> list[str]:
        """Names of the documents as the Policy writes them."""
        return [name for part in self.parts for name in part.description.library.names]

    @property
    def files(self) -> Iterator[Document]:
        """Every document and every overlay."""
        for part in self.parts:
            yield from part.description.library.documents
            yield from part.description.library.overlays.documents

    @property
    def schemas(self) -> dict[str, object]:
        """Every lowered schema, by key."""
        made: dict[str, object] = {}
        for part in self.parts:
            made.update(part.description.schemas.form)
        return made

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the descriptions hold that is not enforced. Cost: finds lines, each time."""
        return tuple(one for part in self.parts for one in part.description.warnings)

    def part(self, document: int) -> Part:
        """The API whose description holds the document with that index."""
        after = [one for one in self.parts if one.description.library.first <= document]
        return after[-1] if after else self.parts[0]

    def document(self, index: int) -> Document:
        """The document with that index, from 1."""
        return self.part(index).description.library.document(index)

    def locate(self, spot: Spot) -> Location:
        """The line of a spot, or of its nearest ancestor."""
        return self.document(spot[0]).locate(spot[1])

    def text(self, place: Location) -> str:
        """The text of the line at `place`."""
        found = (one.line(place.line) for one in self.files if one.name == place.file)
        return next(found, "").strip()


def read_site(config: Config, find: Callable[[str], str], fetch: Fetch) -> Site:
    """Every API of `config` with its description.

    find: the place of the description of a running API, by its address. Raises Fault as `read`,
    with the faults of all of them.
    """
    parts: list[Part] = []
    faults: list[Diagnostic] = []
    first = 1
    for index, api in enumerate(config.all_apis):
        place = find(api.upstream) if api.openapi == AUTO else api.openapi
        try:
            description = read(place, fetch, first=first, overlays=api.overlays)
        except Fault as failed:
            faults += failed.diagnostics
            continue
        first += len(description.library.documents)
        parts.append(Part(index, api, description))
    if faults:
        raise Fault(faults)
    return Site(tuple(parts))
