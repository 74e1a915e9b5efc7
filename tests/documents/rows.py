"""A row: one keyword, what is claimed of it, and a pair of documents that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.documents.stage import Sent

ABSENT = object()
OWN = object()
"""Stands for the value that the base document has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """kind: `enforced`, `annotation` or `reported`. value: of the keyword, and instead: of the other.

    why: reason of an annotation, code of a report. sends: Exchanges that tell the two apart.
    given: values by pointer that both documents hold; beside: those of the same object.
    at: pointer of the object, where it is not that of its kind.
    told: pointer of the line that is reported, where it is not the keyword's own.
    """

    kind: str
    value: Any
    instead: Any = ABSENT
    why: str = ""
    sends: tuple[Sent, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    at: str | None = None
    told: str | None = None


def enforced(value: Any, *sends: Sent, **more: Any) -> Row:
    """The two documents allow different traffic."""
    return Row(kind="enforced", value=value, sends=sends, **more)


def annotation(value: Any, why: str, **more: Any) -> Row:
    """The standard lets it say nothing about messages: no difference, and no report."""
    return Row(kind="annotation", value=value, why=why, **more)


def reported(value: Any, code: str, **more: Any) -> Row:
    """It is not enforced, and its line is told with this code."""
    return Row(kind="reported", value=value, why=code, **more)


Table = Mapping[str, Mapping[str, Row]]
"""Rows by object and keyword."""
