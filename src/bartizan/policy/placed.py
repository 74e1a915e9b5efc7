"""Where each Operation of a site stands: its id, its public template, its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.model.errors import Diagnostic
from bartizan.policy.config import Config
from bartizan.policy.parts import Form, report
from bartizan.policy.public import public_operations
from bartizan.policy.reading import below
from bartizan.policy.site import Part, Site
from bartizan.policy.sources.description import Operation, source


@dataclass(frozen=True, slots=True)
class Placed:
    """One Operation below one base path of its API."""

    id: str
    template: str
    part: Part
    operation: Operation


def place(config: Config, site: Site, faults: list[Diagnostic]) -> tuple[Placed, ...]:
    """Every Operation of every API, then the public paths. faults: takes what is found."""
    placed = tuple(one for part in site.parts for one in _in_part(part))
    placed += tuple(_public(config, site, placed, faults))
    _refuse_outside(config, site, placed, faults)
    return placed


def _in_part(part: Part) -> Iterator[Placed]:
    """Every Operation of one API under every base path."""
    seen: dict[str, Operation] = {}
    for operation in part.description.operations:
        written = part.api.base_path
        for base in operation.bases if written is None else written:
            template = part.template(base, operation)
            one = part.id(operation.method, template)
            if one not in seen:
                seen[one] = operation
                yield Placed(one, template, part, operation)
            elif seen[one] is not operation:
                reason = "its method and path are declared twice"
                for twice in (seen[one], operation):
                    twice.draft.problems.append((twice.spot, reason))


def _public(
    config: Config, site: Site, placed: tuple[Placed, ...], faults: list[Diagnostic]
) -> Iterator[Placed]:
    """Public paths, in every API whose prefix they have."""
    known = {f"{one.operation.method} {one.template}" for one in placed}
    for one, operation in public_operations(config, known, faults):
        template = one.partition(" ")[2]
        holders = [part for part in site.parts if part.api.covers(template)]
        for part in holders:
            yield Placed(part.id(operation.method, template), template, part, operation)
        if not holders:
            message = f"`{template}` has the prefix of no API"
            report(config, faults, operation.spot[1], "config.conflict", message)


def _refuse_outside(
    config: Config, site: Site, placed: tuple[Placed, ...], faults: list[Diagnostic]
) -> None:
    """An Operation outside the prefix of its API could never be reached."""
    for part in site.parts:
        lost = [one for one in placed if one.part is part and not part.api.covers(one.template)]
        if lost:
            message = (
                f"`{lost[0].template}` and {len(lost) - 1} more paths of `{part.api.name}` do "
                f"not begin with its prefix `{part.api.prefix}`"
            )
            hint = "write `strip_prefix: true`, or the `base_path` that they stand below"
            at = below(part.api.pointer, "prefix")
            report(
                config, faults, at, "policy.outside-prefix", message, hint,
                value=False,
            )  # fmt: skip


def api_form(part: Part, site: Site) -> Form:
    """One API as the form writes it."""
    api = part.api
    return {
        "name": api.name,
        "hosts": sorted(host.lower() for host in api.hosts),
        "prefix": api.prefix,
        "strip_prefix": api.strip_prefix and not site.is_mounted,
        "source": source((part.description.library.first, "/paths")),
    }
