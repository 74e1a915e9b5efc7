"""Description: what one API description says, lowered and free of config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bartizan.model.errors import Diagnostic, Location
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.notes import Notes
from bartizan.policy.sources.schemas import Schemas

Form = dict[str, object]
"""A piece of the Policy's form, ready for JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One security scheme. kind: `token`, `api-key` or `other`, by what it declares."""

    name: str
    kind: str
    credential: Form
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One scheme that an alternative needs, with all of these scopes."""

    scheme: str
    scopes: tuple[str, ...]
    spot: Spot


@dataclass(slots=True, kw_only=True)
class Draft:
    """What one Operation collects while it is read."""

    problems: list[tuple[Spot, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def absorb(self, other: Draft) -> None:
        """Take over what a shared part has collected."""
        self.problems += other.problems
        self.keys |= other.keys


@dataclass(slots=True, kw_only=True)
class Operation:
    """One declared Operation. path: the template, literals decoded. bases: paths before it."""

    method: str
    path: str
    bases: tuple[str, ...]
    operation_id: str
    spot: Spot
    parameters: list[Form]
    body: Form | None
    responses: Mapping[str, Form]
    security: tuple[tuple[Requirement, ...], ...]
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One API description. version: `2.0` to `3.2`. secured: it has `security` somewhere."""

    version: str
    title: str
    library: Library
    schemas: Schemas
    operations: tuple[Operation, ...]
    schemes: Mapping[str, Scheme]
    secured: bool
    notes: Notes

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is not enforced or has no effect. Cost: finds the lines, each time."""
        return (*self.library.overlays.warnings, *self.notes.diagnostics())

    def locate(self, spot: Spot) -> Location:
        """The line of a spot, or of its nearest ancestor."""
        return self.library.document(spot[0]).locate(spot[1])


def source(spot: Spot) -> Form:
    """A spot as the form writes it."""
    return {"document": spot[0], "pointer": spot[1]}
