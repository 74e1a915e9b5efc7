"""`compile`: config and description to one Policy: canonical bytes, hash, what stands beside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from bartizan.model.errors import Diagnostic, Fault, Location
from bartizan.model.listed import quoted
from bartizan.policy.causes import is_slip, root_causes
from bartizan.policy.config import CONTROLS, Config, OperationSettings
from bartizan.policy.fields import tell_fields
from bartizan.policy.labels import Labeller, Labels
from bartizan.policy.marks import Marks
from bartizan.policy.open_operations import tell_open, tell_unasked
from bartizan.policy.options import options_of, secrets_of
from bartizan.policy.parts import (
    FORM,
    Form,
    Names,
    bounds_of,
    cors_of,
    csrf_of,
    shape_of,
)
from bartizan.policy.pause import collector_paused
from bartizan.policy.placed import Placed, api_form, place
from bartizan.policy.quotas import Quotas
from bartizan.policy.remedy import Remedy, remedy
from bartizan.policy.rules import check_exceptions, check_relax, tell_unwritten
from bartizan.policy.security import Security, api_keys_of
from bartizan.policy.site import Site
from bartizan.policy.sources import Description
from bartizan.policy.sources.description import source
from bartizan.policy.sources.paths import template_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrepresentable:
    """One Operation that cannot be checked: refused in enforce mode. reason: words and line."""

    operation: str
    reason: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledOperation:
    """One Operation of the Policy. operation_id: its name in the description, may be empty."""

    id: str
    method: str
    template: str
    operation_id: str
    document: int
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One Policy and what stands beside it.

    form: canonical JSON (sorted keys, no blanks, UTF-8). hash: its SHA-256, lower-case hex.
    secrets, options: JSON for the gateway, outside the hash. unrepresentable: in document order.
    """

    form: bytes
    hash: str
    secrets: bytes = field(repr=False)
    options: bytes
    operations: tuple[CompiledOperation, ...]
    labels: Mapping[str, Labels]
    unrepresentable: tuple[Unrepresentable, ...]
    own_warnings: tuple[Diagnostic, ...]
    config: Config
    site: Site

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Warnings of config, compiling and descriptions. Cost: finds lines, each time."""
        return tuple(root_causes((*self.own_warnings, *self.site.warnings)))

    def locate(self, document: int | None, pointer: str) -> Location:
        """Line of a setting. document: 0 the config, others the descriptions, None built in."""
        if document is None:
            return Location("default")
        if document == 0:
            return self.config.locate(pointer)
        if document > len(self.site.names):
            return Location("")
        return self.site.locate((document, pointer))


def compile(config: Config, described: Site | Description) -> Compiled:
    """The Policy of `config` over all its APIs, or over the description of its only one.

    Raises Fault, with every Diagnostic found: "policy.unknown-operation", "policy.unknown-rule",
    "policy.rule-cannot-be-relaxed", "policy.rule-cannot-be-excepted", "policy.unknown-scheme",
    "policy.audience-missing". Cost: O(form), about 50 ms for 500 operations; no IO.
    """
    with collector_paused():
        site = described if isinstance(described, Site) else Site.of(config, described)
        return _Compiler(config, site).compile()


_MEND = "enforce refuses what cannot be checked; mend the description"


class _Compiler:
    def __init__(self, config: Config, site: Site) -> None:
        self._config = config
        self._site = site
        self._faults: list[Diagnostic] = []
        self._warnings: list[Diagnostic] = []
        self._unrepresentable: list[Unrepresentable] = []
        self._causes: dict[tuple[tuple[int, str], str], list[str]] = {}

    def compile(self) -> Compiled:
        config, site = self._config, self._site
        placed = place(config, site, self._faults)
        names = Names([(one.id, one.operation.path) for one in placed], config, self._faults)
        settings = self._settings(names)
        quotas = Quotas(config, names)
        security = Security(config, site, self._faults, self._warnings)
        api_keys = api_keys_of(config, names)
        check_relax(config, self._faults)
        exceptions = check_exceptions(config, names, self._faults)
        tell_unwritten(config, self._warnings)
        tell_fields(config, exceptions, placed, site.schemas, self._warnings)
        marks = Marks(site, self._faults, self._warnings)
        labels = Labeller(config, site, marks, (self._faults, self._warnings))
        operations = [
            self._operation(
                one,
                (*marks.of(one.part, one.operation), *settings.get(one.id, ())),
                quotas,
                security,
                labels,
            )
            for one in placed
        ]
        labels.tell()
        marks.tell()
        tell_open(config, site, security, self._warnings)
        tell_unasked(config, security, operations, self._warnings)
        self._refuse_twins(operations)
        # No request can match these paths: the core refuses them as unknown. They stay reported.
        matchable = [form for form in operations if not template_fault(str(form["template"]))]
        if self._faults:
            raise Fault(sorted(self._causes_of_faults(), key=lambda one: (one.line, one.column)))
        form: Form = {
            "form": FORM,
            "documents": [self._config_name(), *site.names],
            "controls": {name: config.controls.get(name, config.mode) for name in CONTROLS},
            "bounds": bounds_of(config),
            "relax": sorted(config.relax),
            "hosts": sorted(host.lower() for host in config.hosts),
            "trusted_proxies": list(config.trusted_proxies),
            "internal": list(config.internal),
            "schemes": security.schemes,
            "issuers": security.issuers,
            "api_keys": api_keys,
            "limits": quotas.forms,
            "limit_table": {"slots": config.limit_table.slots},
            "cors": cors_of(config),
            "csrf": csrf_of(config),
            "shape": shape_of(config.shape),
            "exceptions": exceptions,
            "schemas": site.schemas,
            "apis": [api_form(part, site) for part in site.parts],
            "operations": matchable,
        }
        raw = canonical(form)
        return Compiled(
            form=raw,
            hash=sha256(raw).hexdigest(),
            secrets=secrets_of(config),
            options=options_of(config),
            operations=tuple(_compiled(one) for one in placed),
            labels=labels.found,
            unrepresentable=tuple(self._unrepresentable),
            own_warnings=(*config.warnings, *self._warnings, *self._told()),
            config=config,
            site=site,
        )

    def _causes_of_faults(self) -> list[Diagnostic]:
        """The faults; where a slip in the document is behind some, that slip instead of them."""
        told = [*self._faults, *self._site.warnings, *self._told()]
        kept = root_causes(told)
        faults = [one for one in kept if one in self._faults]
        if len(faults) == len(self._faults):
            return faults
        return [*faults, *(one for one in kept if is_slip(one))]

    def _config_name(self) -> str:
        document = self._config.document
        return document.name.rpartition("/")[2] if document else "bartizan.yaml"

    def _settings(self, names: Names) -> dict[str, tuple[OperationSettings, ...]]:
        """By Operation: `*` first, then its own."""
        found: dict[str, tuple[OperationSettings, ...]] = {}
        ordered = sorted(self._config.operations.items(), key=lambda item: item[0] != "*")
        for written, settings in ordered:
            for one in names.resolve(written, settings.pointer):
                found[one] = (*found.get(one, ()), settings)
        return found

    def _operation(
        self,
        placed: Placed,
        settings: tuple[OperationSettings, ...],
        quotas: Quotas,
        security: Security,
        labels: Labeller,
    ) -> Form:
        config, operation = self._config, placed.operation
        shapes = [own.shape for own in settings if own.shape is not None]
        closed = [own.closed_query for own in settings if own.closed_query is not None]
        bodies = [own.closed_body for own in settings if own.closed_body is not None]
        caps = [own.body_max_bytes for own in settings if own.body_max_bytes is not None]
        controls: dict[str, str] = {}
        for own in settings:
            controls.update(own.controls)
        # A path of `public` is open whatever the config asks for elsewhere.
        is_public = operation.spot[0] == 0
        alternatives = [] if is_public else security.of(operation, settings, placed.part.index)
        return {
            **labels.of(placed, () if is_public else settings, alternatives),
            "id": placed.id,
            "api": placed.part.index,
            "method": operation.method,
            "template": placed.template,
            "source": source(operation.spot),
            "unrepresentable": self._problems(placed),
            "parameters": operation.parameters,
            "closed_query": closed[-1] if closed else config.closed_query,
            "closed_body": bodies[-1] if bodies else config.closed_body,
            "body": operation.body,
            "responses": operation.responses,
            "security": alternatives,
            "controls": controls,
            "limits": quotas.of(placed.id, settings),
            "relax": sorted({code for own in settings for code in own.relax}),
            "body_max_bytes": caps[-1] if caps else None,
            "shape": shape_of(config.shape, *shapes) if shapes else None,
        }

    def _problems(self, placed: Placed) -> list[str]:
        one, draft = placed.id, placed.operation.draft
        found = draft.problems + placed.part.description.schemas.problems(draft.keys)
        reasons: dict[str, None] = {}
        for spot, reason in found:
            first = self._causes.setdefault((spot, reason), [])
            if not first:
                first.append(str(self._site.locate(spot)))
            first.append(one)
            place = self._site.names[spot[0] - 1]
            reasons[f"{reason} ({place}#{spot[1]})"] = None
            location = self._site.locate(spot)
            self._unrepresentable.append(
                Unrepresentable(operation=one, reason=reason, location=location)
            )
        return list(reasons)

    def _refuse_twins(self, operations: list[Form]) -> None:
        """Two templates that fit the same paths: which schema holds cannot be told."""
        from re import sub

        seen: dict[str, Form] = {}
        for form in operations:
            shape = sub(r"\{[^{}]*\}", "{}", str(form["id"]))
            other = seen.setdefault(shape, form)
            if other is form:
                continue
            for one, twin in ((form, other), (other, form)):
                reasons = one["unrepresentable"]
                reason = f"its path fits the same requests as that of `{twin['id']}`"
                if isinstance(reasons, list) and reason not in reasons:
                    reasons.append(reason)
                    self._tell_twin(one, reason)

    def _tell_twin(self, form: Form, reason: str) -> None:
        place = form["source"]
        if isinstance(place, dict):
            spot = (int(place["document"]), str(place["pointer"]))
            one = str(form["id"])
            location = self._site.locate(spot)
            self._unrepresentable.append(
                Unrepresentable(operation=one, reason=reason, location=location)
            )
            self._causes[spot, reason] = [str(location), one]

    def _told(self) -> Iterator[Diagnostic]:
        """One Diagnostic for each cause, with the Operations that it takes out of checking."""
        for (spot, reason), (_, *operations) in sorted(self._causes.items()):
            document = self._site.document(spot[0])
            way = remedy(document, spot[1]) or Remedy(_MEND, spot[1])
            yield document.diagnostic(
                way.pointer,
                code="description.unrepresentable",
                message=f"{reason}: {quoted(operations)} cannot be checked",
                hint=way.hint,
                value=way.at_value,
                warning=True,
            )


def canonical(form: object) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def _compiled(placed: Placed) -> CompiledOperation:
    operation = placed.operation
    return CompiledOperation(
        id=placed.id,
        method=operation.method,
        template=placed.template,
        operation_id=operation.operation_id,
        document=operation.spot[0],
        pointer=operation.spot[1],
    )


__all__ = ["Compiled", "CompiledOperation", "Unrepresentable", "canonical", "compile"]
